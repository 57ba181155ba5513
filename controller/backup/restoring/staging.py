"""The parts of a backup on their way: databases in a folder beside their places, all else in memory.

The folder has the layout of the branch's state. It is removed at the end, however that comes; what a crash
leaves is removed by the next restore. Never here: what is done with the parts.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from controller.backup.contents import DATABASES, LARGEST_TEXT, POLICY, SETTINGS
from controller.backup.packing import Manifest
from controller.backup.unpacking import BackupUnusable, Part
from controller.disk import sync_folder
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.toml_file import SettingsError
from controller.store.owner import FILE_MODE, FOLDER_MODE

BLOCK = 1024 * 1024
LEFT = 64 * 1024 * 1024
"""Bytes that the disk keeps free."""


class Staging:
    """config: where the settings are to be; the backup's are taken where there are none.

    check: is called with the manifest and the settings before anything is written; it raises what it has
    against them.
    """

    def __init__(self, config: Path, check: Callable[[Manifest, Settings], None]) -> None:
        self._config = config
        self._check = check
        self.texts: dict[str, bytes] = {}
        self.databases: dict[str, Path] = {}
        self.own_settings = config.exists()
        self._settings: Settings | None = None
        self._folder: Path | None = None

    @property
    def settings(self) -> Settings:
        """Of the branch: those that are there, else the backup's."""
        if self._settings is None:
            raise BackupUnusable("it has no settings, and there are none here; write them first")
        return self._settings

    @property
    def folder(self) -> Path:
        assert self._folder is not None
        return self._folder

    @property
    def staged_settings(self) -> Settings:
        """As if the folder were the branch's state. The policy is the backup's where there is none."""
        branch = self.settings.branch.model_copy(update={"state_dir": self.folder})
        policy = self.settings.policy
        if policy.profile is not None and not policy.profile.exists() and POLICY in self.texts:
            beside = self.folder / "policy.toml"
            beside.write_bytes(self.texts[POLICY])
            policy = policy.model_copy(update={"profile": beside})
        return self.settings.model_copy(update={"branch": branch, "policy": policy})

    def take(self, manifest: Manifest, name: str, size: int, part: Part) -> None:
        """Raises BackupUnusable, SettingsError, OSError, and what ``check`` raises."""
        if name == SETTINGS:
            self.texts[name] = _small(part, name)
            self._begin(manifest)
        elif name in DATABASES:
            self._write(name, size, part)
        else:
            self.texts[name] = _small(part, name)

    def _begin(self, manifest: Manifest) -> None:
        self._settings = load(self._config) if self.own_settings else self._settings_of_backup()
        self._check(manifest, self._settings)
        self._folder = Paths.of(self._settings).restoring
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._folder.chmod(0o700)

    def _settings_of_backup(self) -> Settings:
        beside = self._config.with_name(f".{self._config.name}.restoring")
        try:
            beside.write_bytes(self.texts[SETTINGS])
            return load(beside)
        except SettingsError as error:
            raise BackupUnusable(f"this release cannot use the settings in it:\n{error}") from error
        finally:
            beside.unlink(missing_ok=True)

    def _write(self, name: str, size: int, part: Part) -> None:
        if self._folder is None:
            raise BackupUnusable("its parts are in another order than a backup has them")
        if shutil.disk_usage(self._folder).free < size + LEFT:
            raise BackupUnusable(f"there is no room for {name}, of {size} bytes; make some")
        path = self._folder / name
        if not path.parent.is_dir():
            path.parent.mkdir()
            path.parent.chmod(FOLDER_MODE)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        with os.fdopen(descriptor, "wb") as out:
            while block := part.read(BLOCK):
                out.write(block)
            out.flush()
            os.fchmod(descriptor, FILE_MODE)
            os.fsync(descriptor)
        sync_folder(path.parent)
        self.databases[name] = path

    def close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _small(part: Part, name: str) -> bytes:
    content = part.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise BackupUnusable(f"{name} is larger than it can be")
    return content
