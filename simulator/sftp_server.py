"""An SFTP server on loopback, with faults. It needs asyncssh, which the tests have."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, cast

import asyncssh

from controller.secrets.credentials import Secret
from controller.settings.sftp import Sftp

WAIT_S = 20.0


class SftpServer:
    """OpenSSH's client sees ``root`` as ``/``. Whether it may change anything there is ``writable``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.writable = True
        self.stalls = False
        self.endless = False
        self.connections = 0
        self.files: list[IO[bytes]] = []
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self.secret = Secret(self._key.export_private_key().decode().removesuffix("\n"))
        self._connected: list[asyncssh.SSHServerConnection] = []
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _about: None)  # of clients that were cut off
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp server")
        self._thread.start()
        self._acceptor = self._do(self._listen())
        self.settings = Sftp(
            host="127.0.0.1",
            port=self._acceptor.get_port(),
            username="unlocked",
            folder="out",
            host_key=self._host_key.export_public_key().decode().strip(),
        )

    async def _listen(self) -> asyncssh.SSHAcceptor:
        server = self

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
                server.connections += 1
                super().__init__(channel, chroot=bytes(server.root))

            def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
                file = super().open(path, pflags, attrs)
                server.files.append(cast("IO[bytes]", file))
                return file

            def _may(self) -> None:
                if not server.writable:
                    raise asyncssh.SFTPPermissionDenied("read only")

            def remove(self, path: bytes) -> None:
                self._may()
                super().remove(path)

            def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
                self._may()
                super().posix_rename(oldpath, newpath)

            def rename(self, oldpath: bytes, newpath: bytes, _flags: int = 0) -> None:
                self._may()
                super().rename(oldpath, newpath)

            async def read(self, file_obj: object, offset: int, size: int) -> bytes:
                if server.stalls:
                    await asyncio.sleep(3600)
                if server.endless:
                    return b"x" * size
                return cast("bytes", super().read(file_obj, offset, size))

            async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
                if server.stalls:
                    await asyncio.sleep(3600)
                if server.endless:
                    for n in range(10**9):
                        yield asyncssh.SFTPName(f"{n:0200}".encode(), attrs=asyncssh.SFTPAttrs(size=1))
                async for name in super().scandir(path):
                    yield name

        class Connections(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                server._connected.append(conn)

        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Connections,
            server_host_keys=[self._host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(self._key.export_public_key().decode()),
            sftp_factory=Files,
        )

    @property
    def files_read(self) -> int:
        return len(self.files)

    def _do(self, what: object) -> asyncssh.SSHAcceptor:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(WAIT_S)  # type: ignore[arg-type]

    def close(self) -> None:
        async def end() -> None:
            self._acceptor.close()
            await self._acceptor.wait_closed()
            for connection in self._connected:
                connection.abort()
                await connection.wait_closed()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self._loop.shutdown_asyncgens()

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(WAIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        for file in self.files:
            file.close()  # a client that was cut off has closed none
        self._loop.close()
