"""A folder of an SFTP server to which backups are sent.

The server is believed no further than its names are names of backups. Never here: the connection
(``controller.sftp``).
"""

from __future__ import annotations

from pathlib import Path

from controller.backup.name import BackupName
from controller.settings.sftp import Sftp
from controller.sftp import CommandFailed, PlaceUnusable, SftpClient

_PART = ".part"


class SftpPlace:
    """A ``Place``. What was sent gets its name when all of it is there."""

    kind = "sftp"

    def __init__(self, client: SftpClient, settings: Sftp) -> None:
        self._client = client
        self.shown = f"{settings.username}@{settings.host}:{settings.folder}"

    def put(self, file: Path, name: str) -> None:
        hidden = f"{_named(name)}{_PART}"
        # A name that is there already is one of the same second: nothing is put over it.
        self._run(f"-rm {hidden}", f'put "{file.resolve()}" {hidden}', f"rename {hidden} {name}")

    def names(self) -> list[str]:
        lines = self._run("ls -1").splitlines()
        return sorted(line.strip() for line in lines if BackupName.parse(line.strip()) is not None)

    def remove(self, name: str) -> None:
        self._run(f"rm {_named(name)}")

    def _run(self, *commands: str) -> str:
        try:
            with self._client.ran(commands) as (told, _):
                return told
        except CommandFailed as error:
            raise PlaceUnusable(f"sftp to {self.shown}: {error}; see its rights and its room") from None


def _named(name: str) -> str:
    """It becomes part of a command."""
    if BackupName.parse(name) is None:
        raise ValueError("that is no name of a backup")
    return name
