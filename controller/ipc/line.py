"""Reads one line from a socket, with a limit to its length and to the time it takes."""

from __future__ import annotations

import socket
import struct
import time

from controller.ipc.messages import BadMessage

_DESCRIPTOR = struct.Struct("i")


def read_line(
    connection: socket.socket, limit: int, within_s: float, files: list[int] | None = None
) -> bytes:
    """One line, its end included. Raises BadMessage for a long, unfinished or late one, OSError.

    files: takes the descriptors that come with it, also when this raises: whoever gives the list closes them.
    Without it the kernel drops them.
    """
    end = time.monotonic() + within_s
    line = b""
    while not line.endswith(b"\n"):
        remaining_s = end - time.monotonic()
        if remaining_s <= 0:
            raise BadMessage("the line did not come in time")
        connection.settimeout(remaining_s)
        try:
            more = _received(connection, limit + 1 - len(line), files)
        except TimeoutError:
            continue
        line += more
        if not more or len(line) > limit:
            raise BadMessage("the line ended early or is too long")
    return line


def _received(connection: socket.socket, size: int, files: list[int] | None) -> bytes:
    if files is None:
        return connection.recv(size)
    # Not socket.recv_fds, which forgets the flags (Python 3.11): a child must not inherit what came.
    more, beside, _flags, _address = connection.recvmsg(
        size, socket.CMSG_LEN(_DESCRIPTOR.size), socket.MSG_CMSG_CLOEXEC
    )
    for level, kind, content in beside:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS) and len(content) == _DESCRIPTOR.size:
            files.append(_DESCRIPTOR.unpack(content)[0])
    if len(files) > 1:
        raise BadMessage("one file at most")
    return more
