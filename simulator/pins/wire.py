"""The three-byte frames between a pin factory and the panel.

A frame is an operation, a pin number and a value. The factory sends requests, each answered by
exactly one ``DONE`` or ``BUSY``; the panel sends ``EDGE`` in between, whenever a watched pin changes.
"""

from __future__ import annotations

import socket
import struct

SOCKET_VARIABLE = "UNLOCKED_SIMULATED_PINS"
"""Environment variable that holds the path of the panel's socket."""

OUTPUT, INPUT, WRITE, READ, WATCH, GIVE_BACK = range(1, 7)
"""Requests. OUTPUT: claim and drive to value. INPUT: claim with the pull of value. WATCH: 1 on, 0 off."""
DONE, BUSY, EDGE = range(11, 14)
"""Answers: the pin's level; another live process has the pin; a watched pin changed to this level."""

PULLS = ("floating", "up", "down")
"""gpiozero's words for a pull, as numbers on the wire."""

_FRAME = struct.Struct("BBB")
SIZE = _FRAME.size


def pack(operation: int, pin: int, value: int) -> bytes:
    return _FRAME.pack(operation, pin, value)


def unpack(frame: bytes) -> tuple[int, int, int]:
    operation, pin, value = _FRAME.unpack(frame)
    return operation, pin, value


def receive(connection: socket.socket) -> tuple[int, int, int] | None:
    """The next frame of a blocking socket, or None at its end."""
    frame = b""
    while len(frame) < SIZE:
        part = connection.recv(SIZE - len(frame))
        if not part:
            return None
        frame += part
    return unpack(frame)
