"""Reads one line from a socket, with a limit to its length and to the time it takes."""

from __future__ import annotations

import socket
import time

from controller.ipc.messages import BadMessage


def read_line(connection: socket.socket, limit: int, within_s: float) -> bytes:
    """One line, its end included. Raises BadMessage for a long, unfinished or late one, OSError."""
    end = time.monotonic() + within_s
    line = b""
    while not line.endswith(b"\n"):
        remaining_s = end - time.monotonic()
        if remaining_s <= 0:
            raise BadMessage("the line did not come in time")
        connection.settimeout(remaining_s)
        try:
            more = connection.recv(limit + 1 - len(line))
        except TimeoutError:
            continue
        line += more
        if not more or len(line) > limit:
            raise BadMessage("the line ended early or is too long")
    return line
