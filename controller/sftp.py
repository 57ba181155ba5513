"""OpenSSH's ``sftp``, run for one batch of commands in a private folder.

It trusts one host key and offers one key; nobody's configuration, agent or password takes part. A server
that is slow, silent or endless is cut off. Never here: what the commands are for.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from controller.secrets.credentials import Secret
from controller.settings.sftp import Sftp

DEADLINE_S = 900.0
"""For one batch, the fetching of a file included."""
CONNECT_S = 20
SILENT_S = 15
LOOKED_AT_S = 0.1
MEMORY = 256 * 1024 * 1024
"""Bytes of address space: the client keeps whatever a server says of a folder until that ends."""
MOST_TOLD = 1_000_000
"""Bytes that it may write about what it does: some thousand files in a folder."""
REFUSED_BY_SERVER = 1
"""Exit code: a command failed. Whatever else is not 0 means that there is no connection."""
LEFT = 128 * 1024 * 1024
"""Bytes that the disk keeps free."""
_PREFIX = "fetch-"
_OPTIONS = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "UserKnownHostsFile=known_hosts",
    "GlobalKnownHostsFile=/dev/null",
    "HostKeyAlias=server",
    "UpdateHostKeys=no",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "PreferredAuthentications=publickey",
    "ClearAllForwardings=yes",
    "ControlPath=none",
    "LogLevel=ERROR",
    f"ConnectTimeout={CONNECT_S}",
    f"ServerAliveInterval={SILENT_S}",
    "ServerAliveCountMax=2",
)


class PlaceUnusable(Exception):
    """Nobody can look there, or put anything there, now. The message says which place and why."""


class CommandFailed(Exception):
    """The server did not do what it was asked."""


class SftpClient:
    """spool: a folder of our own. stopping: ends a batch; it raises what ``on_stop`` makes.

    memory: a folder in memory, where the key lies while a batch runs; if it is not there, in the spool.
    """

    def __init__(
        self,
        settings: Sftp,
        key: Secret,
        spool: Path,
        stopping: threading.Event,
        on_stop: Callable[[], Exception],
        memory: Path | None = None,
    ) -> None:
        self._settings = settings
        self._key = key
        self.spool = spool
        self._stopping = stopping
        self._on_stop = on_stop
        self._memory = memory if memory is not None and os.access(memory, os.W_OK | os.X_OK) else spool
        for folder in {spool, self._memory}:
            for left in folder.glob(f"{_PREFIX}*"):
                # What a kill in the middle of a batch has left: a key, and perhaps card numbers.
                shutil.rmtree(left, ignore_errors=True)

    @contextmanager
    def ran(self, commands: Sequence[str], largest: int = 0) -> Iterator[tuple[str, Path]]:
        """What it said, and the folder with what it fetched, which is gone afterwards.

        commands: in the folder of the settings, each checked by whoever made it. largest: bytes that may be
        fetched. Raises CommandFailed, PlaceUnusable.
        """
        with (
            tempfile.TemporaryDirectory(prefix=_PREFIX, dir=self.spool) as private,
            tempfile.TemporaryDirectory(prefix=_PREFIX, dir=self._memory) as unwritten,
        ):
            folder, key = Path(private), Path(unwritten) / "key"
            fetched = folder / "fetched"
            fetched.mkdir()
            # A key that is encrypted on the disk is not put there in plain each time that it is used.
            _write(key, self._key.reveal() + "\n")
            _write(folder / "known_hosts", f"server {self._settings.host_key}\n")
            batch = [f'cd "{self._settings.folder}"', "lcd fetched", *commands]
            _write(folder / "batch", "\n".join(batch) + "\n")
            yield self._run(folder, key, largest), fetched

    def _run(self, folder: Path, key: Path, largest: int) -> str:
        options = [part for option in _OPTIONS for part in ("-o", option)]
        port, to = str(self._settings.port), f"{self._settings.username}@[{self._settings.host}]"
        command = ["sftp", "-F", "/dev/null", "-P", port, "-i", str(key), *options, "-b", "batch", "--", to]
        told, errors = folder / "told", folder / "errors"
        with told.open("wb") as out, errors.open("wb") as err:
            try:
                process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            except OSError as error:
                raise self._unusable(f"sftp: {error.strerror}; install openssh-client") from None
            try:
                with suppress(OSError):  # it has ended already
                    resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
                self._wait(process, folder, largest)
            finally:
                # ssh, its child, as well.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode == REFUSED_BY_SERVER:
            raise CommandFailed(_first_line(errors))
        if process.returncode:
            raise self._unusable(_first_line(errors) or f"sftp ended with {process.returncode}")
        return told.read_text(encoding="utf-8", errors="replace")

    def _wait(self, process: subprocess.Popen[bytes], folder: Path, largest: int) -> None:
        deadline_s = time.monotonic() + DEADLINE_S
        while True:
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOKED_AT_S)
                return
            if self._stopping.is_set():
                raise self._on_stop()
            if time.monotonic() > deadline_s:
                raise self._unusable(f"it took longer than {DEADLINE_S:.0f} s")
            if _size(folder / "told") + _size(folder / "errors") > MOST_TOLD:
                raise self._unusable("there are too many files")
            if sum(_size(file) for file in (folder / "fetched").iterdir()) > largest:
                raise self._unusable("it sent more than there was")
            if shutil.disk_usage(folder).free < LEFT:
                raise self._unusable("the disk is too full to fetch anything")

    def _unusable(self, why: str) -> PlaceUnusable:
        return PlaceUnusable(f"sftp to {self._settings.host}: {why}")


def _write(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _first_line(file: Path) -> str:
    """Fit to be logged: a server may send anything."""
    with file.open("rb") as opened:
        text = opened.read(5000).decode("ascii", errors="replace")
    if "Host key verification failed" in text:
        return "its host key is not the one in the settings (sftp.host_key)"
    line = text.strip().partition("\n")[0]
    return "".join(character for character in line if character.isprintable())[:200]
