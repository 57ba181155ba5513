"""Takes commands from other processes and hands them to the thread that may act.

A connection brings one request and gets one reply. The caller's user is checked against a table of
commands before anyone hears of the request. A command dies with its caller: whoever acts asks
``Call.begin`` first, and is told no when nobody waits for the answer any more.

A command that is said to take a file may bring one, as a descriptor; what comes with any other is dropped.
"""

from __future__ import annotations

import errno
import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from controller.ipc.line import read_line
from controller.ipc.messages import REQUEST_LIMIT, BadMessage, Reply, Request, read_request, write_reply
from controller.ipc.peer import peer_uid

log = logging.getLogger(__name__)

CALLERS_AT_ONCE = 8
READ_S = 2.0
"""A caller that has not finished its line by then is sent away."""
STRANGERS_AT_ONCE = 2
"""Users without any command share these, and every other user has places of its own: a web page that asks
without end keeps out neither root nor another service.
"""


class _Stage(Enum):
    WAITING = auto()
    BEGUN = auto()
    ANSWERED = auto()
    DEAD = auto()


class Call:
    """A request whose caller waits. ``begin``, ``answer`` and ``take_file`` are for the acting thread.

    file: a descriptor that came with it.
    """

    def __init__(
        self, request: Request, uid: int, connection: socket.socket, file: int | None = None
    ) -> None:
        self.request = request
        self.uid = uid
        self._connection = connection
        self._file = file
        self._changed = threading.Condition()
        self._stage = _Stage.WAITING
        self._reply = Reply(done=False, reason="no_answer")

    def begin(self) -> bool:
        """Whether the caller still waits. If so it will be told what came of it; if not, do nothing."""
        with self._changed:
            if self._stage is _Stage.WAITING:
                self._stage = _Stage.DEAD if self._hung_up() else _Stage.BEGUN
            return self._stage is _Stage.BEGUN

    def answer(self, reply: Reply) -> None:
        with self._changed:
            self._reply = reply
            self._stage = _Stage.ANSWERED
            self._changed.notify()

    def take_file(self) -> int | None:
        """The descriptor that came with the request, once: whoever takes it closes it."""
        with self._changed:
            file, self._file = self._file, None
            return file

    def wait(self, deadline_s: float) -> Reply:
        """For the connection's thread. The request dies unless it was begun within ``deadline_s`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._stage is not _Stage.WAITING, deadline_s)
            if self._stage is _Stage.BEGUN:
                self._changed.wait_for(lambda: self._stage is _Stage.ANSWERED, deadline_s)
            if self._stage is _Stage.WAITING:
                self._stage = _Stage.DEAD
            return self._reply

    def _hung_up(self) -> bool:
        asked = select.poll()
        asked.register(self._connection, select.POLLRDHUP)
        return bool(asked.poll(0))


class Server:
    """Listens at ``path``, which only the owner's user and group can reach.

    permitted: which users (uids) may give which command; a command that is not in it does not exist.
    received: is called with each permitted Call from a connection's thread. It may only enqueue.
    deadline_s: how long a request may wait to be begun. callers_at_once: more of a user are sent away.
    takes_file: the commands that may bring one. Raises OSError when it cannot listen.
    """

    def __init__(
        self,
        path: Path,
        permitted: Mapping[str, frozenset[int]],
        received: Callable[[Call], None],
        deadline_s: float = 5.0,
        callers_at_once: int = CALLERS_AT_ONCE,
        takes_file: frozenset[str] = frozenset(),
    ) -> None:
        self._path = path
        self._takes_file = takes_file
        self._permitted = permitted
        self._received = received
        self._deadline_s = deadline_s
        known = frozenset().union(*permitted.values())
        self._places = {uid: threading.BoundedSemaphore(callers_at_once) for uid in known}
        self._strangers_places = threading.BoundedSemaphore(STRANGERS_AT_ONCE)
        self._listener = _listen(path)
        self._accepting = threading.Thread(target=self._accept, name="control", daemon=True)
        self._accepting.start()

    def close(self) -> None:
        """Stop listening and remove the socket. Calls that still wait end with their deadline."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if error.errno in (
                    errno.EMFILE,
                    errno.ENFILE,
                    errno.ENOBUFS,
                    errno.ENOMEM,
                    errno.ECONNABORTED,
                ):
                    log.warning("cannot take a caller: %s", error)
                    time.sleep(0.1)
                    continue
                return
            uid = peer_uid(connection)
            places = self._places.get(uid, self._strangers_places)
            if not places.acquire(blocking=False):
                connection.close()
                continue
            caller = threading.Thread(
                target=self._serve, args=(connection, uid, places), name="caller", daemon=True
            )
            try:
                caller.start()
            except RuntimeError as error:  # no thread is left: the next caller may have one
                log.warning("cannot serve a caller: %s", error)
                connection.close()
                places.release()

    def _serve(self, connection: socket.socket, uid: int, places: threading.Semaphore) -> None:
        try:
            with connection, suppress(OSError):  # the caller has gone: nobody is left to tell
                connection.sendall(write_reply(self._reply(connection, uid)))
        finally:
            places.release()

    def _reply(self, connection: socket.socket, uid: int) -> Reply:
        files: list[int] | None = [] if self._takes_file else None
        try:
            return self._answer(connection, uid, files)
        finally:
            for left in files or ():
                os.close(left)

    def _answer(self, connection: socket.socket, uid: int, files: list[int] | None) -> Reply:
        try:
            request = read_request(read_line(connection, REQUEST_LIMIT, READ_S, files))
        except BadMessage as error:
            log.warning("a request by uid %d was not understood: %s", uid, error)
            return Reply(done=False, reason="bad_request")
        if request.command not in self._permitted:
            return Reply(done=False, reason="unknown_command")
        if uid not in self._permitted[request.command]:
            log.warning("uid %d may not %s", uid, request.command)
            return Reply(done=False, reason="not_permitted")
        file = files.pop() if files and request.command in self._takes_file else None
        call = Call(request, uid, connection, file)
        try:
            self._received(call)
            return call.wait(self._deadline_s)
        finally:
            if (left := call.take_file()) is not None:
                os.close(left)


def _listen(path: Path) -> socket.socket:
    if _is_served(path):
        raise OSError(errno.EADDRINUSE, f"another process already listens at {path}")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(0o660)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True
