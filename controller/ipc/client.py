"""Asks another service, and does not wait for ever.

The server's user is checked before anything is sent: whoever can put a socket in its place must not
receive commands meant for the door, nor answer for it.
"""

from __future__ import annotations

import socket
import time
from pathlib import Path

from controller.ipc.line import read_line
from controller.ipc.messages import REPLY_LIMIT, BadMessage, Reply, Request, read_reply, write_request
from controller.ipc.peer import peer_uid

RETRY_S = 0.02


class NoAnswer(Exception):
    """Nobody listens, or nobody answered in time. What was asked may or may not have been done."""


class WrongServer(Exception):
    """Somebody else listens where the service should. Nothing was sent."""


def ask(
    path: Path,
    request: Request,
    *,
    server_uids: frozenset[int],
    deadline_s: float = 5.0,
    file: int | None = None,
) -> Reply:
    """The reply of the service that listens at ``path``. Raises NoAnswer or WrongServer.

    file: a descriptor that is handed over with the request; the caller's own stays open.
    """
    end = time.monotonic() + deadline_s
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(deadline_s)
        try:
            _connect(connection, path, end)
            uid = peer_uid(connection)
            if uid not in server_uids:
                raise WrongServer(f"{path} is served by uid {uid}, which is not the service's")
            line = write_request(request)
            sent = 0 if file is None else socket.send_fds(connection, [line], [file])
            if sent < len(line):  # or else whoever listens may have answered and hung up already
                connection.sendall(line[sent:])
            return read_reply(read_line(connection, REPLY_LIMIT, end - time.monotonic()))
        except OSError as error:
            raise NoAnswer(f"{path}: {error.strerror or error}") from error
        except BadMessage as error:
            raise NoAnswer(f"{path}: {error}") from error


def _connect(connection: socket.socket, path: Path, end: float) -> None:
    while True:
        try:
            connection.connect(str(path))
        except BlockingIOError:  # many callers wait to be let in: a crowd must not keep out a lockdown
            if time.monotonic() > end:
                raise
            time.sleep(RETRY_S)
        else:
            return
