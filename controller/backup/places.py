"""Where backups go: a folder, which may have to be a certain medium; what is there, and what is removed.

Never here: SFTP (``sftp_place``), and what is in a backup.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Protocol

from controller.backup.name import BackupName
from controller.disk import sync_folder
from controller.settings.backup import Backup
from controller.sftp import PlaceUnusable as PlaceUnusable

BLOCK = 1024 * 1024
UDEV = Path("/run/udev/data")
"""What is known of each block device, which also a unit may read that sees no devices."""
_PART = ".part"


class Place(Protocol):
    """kind: as events name it. shown: as people do. All methods raise PlaceUnusable."""

    @property
    def kind(self) -> str: ...

    @property
    def shown(self) -> str: ...

    def put(self, file: Path, name: str) -> None:
        """Durable on return, and whole or not there under its name."""

    def names(self) -> list[str]:
        """Of all files that are there."""

    def remove(self, name: str) -> None: ...


class FolderPlace:
    kind = "folder"

    def __init__(self, folder: Path, medium: str | None) -> None:
        self._folder = folder
        self._medium = medium
        self.shown = str(folder)

    def put(self, file: Path, name: str) -> None:
        self._check()
        hidden = self._folder / f".{name}{_PART}"
        try:
            for left in self._folder.glob(f".*{_PART}"):
                # Of this branch: another may be putting its own there.
                if _branch_of(left.name[1:].removesuffix(_PART)) == _branch_of(name):
                    left.unlink()
            if shutil.disk_usage(self._folder).free < file.stat().st_size:
                raise PlaceUnusable(f"{self._folder}: there is no room for it; make some, or lower keep_days")
            digest = _copied(file, hidden)
            if _digest(hidden) != digest:
                raise PlaceUnusable(f"{hidden}: it reads otherwise than it was written; replace the medium")
            hidden.rename(self._folder / name)
            sync_folder(self._folder)
        except OSError as error:
            raise PlaceUnusable(f"{error.filename or self._folder}: {error.strerror}") from error

    def names(self) -> list[str]:
        self._check()
        try:
            return sorted(path.name for path in self._folder.iterdir() if path.is_file())
        except OSError as error:
            raise PlaceUnusable(f"{self._folder}: {error.strerror}") from error

    def remove(self, name: str) -> None:
        try:
            (self._folder / name).unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise PlaceUnusable(f"{self._folder / name}: {error.strerror}") from error

    def _check(self) -> None:
        if not self._folder.is_dir():
            raise PlaceUnusable(f"{self._folder}: there is no such folder; make it, or mount what it is on")
        if self._medium is None:
            return
        try:
            device = self._folder.stat().st_dev
            said = (UDEV / f"b{os.major(device)}:{os.minor(device)}").read_text(errors="replace")
        except OSError:
            said = ""
        kind, _, name = self._medium.partition("=")
        if f"E:ID_FS_{kind}={name}" not in said.splitlines():
            raise PlaceUnusable(
                f"{self._folder}: {self._medium} is not mounted there; plug it in and mount it"
            )


def _branch_of(name: str) -> tuple[str, str] | None:
    found = BackupName.parse(name)
    return None if found is None else (found.authority, found.branch)


def folder_place(backup: Backup) -> FolderPlace | None:
    return None if backup.folder is None else FolderPlace(backup.folder, backup.medium)


def _copied(file: Path, to: Path) -> bytes:
    """Its SHA-256. On the disk when it returns, and out of memory, so that it is read from there next."""
    digest = hashlib.sha256()
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with file.open("rb") as source, os.fdopen(descriptor, "wb") as target:
        while block := source.read(BLOCK):
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
        os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return digest.digest()


def _digest(file: Path) -> bytes:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()
