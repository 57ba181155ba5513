"""A port of this machine with a server behind it, as far as it is the same whatever is spoken there.

Here: opening and closing the port, again and again and always the same one, cutting connections, counting
them, TLS. Everything happens on one thread of its own, so that a server that is slow to one connection is not
to others. Never here: a protocol.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

from simulator.closing import Closing
from simulator.waiting import wait_until

HOST = "127.0.0.1"
LIMIT_S = 10.0
BACKLOG = 128
TLS_END_S = 1.0
"""How long a client may take to end TLS when the connection is closed."""

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is done with a connection; it ends when this returns."""
T = TypeVar("T")


class Listener(Closing):
    """Takes connections from ``start`` until ``stop``; otherwise its port refuses, and is nobody else's.

    tls: None for none.
    """

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self._talk = talk
        self._tls = tls
        self.host = HOST
        self.connections = 0
        """How many were ever taken."""
        self.open = 0
        """How many are now."""
        self._reserved = _bound(0)
        self.port: int = self._reserved.getsockname()[1]
        self._port: socket.socket | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._flapping: asyncio.Task[None] | None = None
        self._loop = asyncio.new_event_loop()
        # Whoever is told that a connection broke is the client: here it is what was ordered.
        self._loop.set_exception_handler(lambda *_: None)
        self._thread = Thread(target=self._loop.run_forever, name="lms", daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._port is not None

    def start(self) -> None:
        """Take connections. Ends flapping. Safe to call twice."""
        self._do(self._steady(True))

    def stop(self) -> None:
        """Refuse connections and cut those that there are. Ends flapping. Safe to call twice."""
        self._do(self._steady(False))

    def flap(self, up_s: float, down_s: float) -> None:
        """Be there and away in turn, until ``start`` or ``stop``."""

        async def begin() -> None:
            await self._calm()
            self._flapping = self._loop.create_task(self._flap(up_s, down_s))

        self._do(begin())

    def cut(self) -> None:
        """Cut the connections that there are; new ones are taken."""
        self._do(self._cut())

    def wait_until_quiet(self, limit_s: float = LIMIT_S) -> None:
        """Until no connection is open. Raises TimeoutError."""
        wait_until(lambda: self.open == 0, limit_s, "the end of every connection")

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LIMIT_S)
        self._loop.close()
        self._reserved.close()

    # --- on its thread ----------------------------------------------------------------------------

    def _do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        done: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return done.result(LIMIT_S)

    async def _steady(self, up: bool) -> None:
        await self._calm()
        await (self._open() if up else self._shut())

    async def _calm(self) -> None:
        if self._flapping is not None:
            self._flapping.cancel()
            await asyncio.wait([self._flapping])
            self._flapping = None

    async def _flap(self, up_s: float, down_s: float) -> None:
        while True:
            await self._open()
            await asyncio.sleep(up_s)
            await self._shut()
            await asyncio.sleep(down_s)

    async def _open(self) -> None:
        if self._port is None:
            self._port = _bound(self.port)
            self._port.setblocking(False)
            self._port.listen(BACKLOG)
            self._loop.add_reader(self._port, self._take, self._port)

    async def _shut(self) -> None:
        if self._port is not None:
            self._loop.remove_reader(self._port)
            self._port.close()
            self._port = None
        await self._cut()

    def _take(self, port: socket.socket) -> None:
        # By hand, because asyncio's server forgets a connection that it takes while it is closed.
        with suppress(OSError):
            taken, _ = port.accept()
            self.connections += 1
            self.open += 1
            task = self._loop.create_task(self._taken(taken))
            self._talks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.open -= 1
        self._talks.discard(task)

    async def _cut(self) -> None:
        # Those just taken begin in this: what is cut before would leave a socket behind.
        await asyncio.sleep(0)
        talks = list(self._talks)
        for talk in talks:
            talk.cancel()
        if talks:
            await asyncio.wait(talks)
            await asyncio.sleep(0)  # in which aborted connections are closed

    async def _taken(self, taken: socket.socket) -> None:
        reader = asyncio.StreamReader(loop=self._loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=self._loop)
        try:
            transport, _ = await self._loop.connect_accepted_socket(
                lambda: protocol,
                taken,
                ssl=self._tls,
                ssl_shutdown_timeout=TLS_END_S if self._tls is not None else None,
            )
        except (OSError, asyncio.CancelledError):
            taken.close()
            return
        try:
            writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
            await self._talk(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the other end has gone, or says what nobody here listens to
        except asyncio.CancelledError:
            pass  # cut: the task ends here all the same
        finally:
            transport.abort()


def _bound(port: int) -> socket.socket:
    """A socket that has this port, any free one with 0. Several may, as long as none of them listens."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((HOST, port))
    return bound
