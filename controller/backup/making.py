"""Making a backup: what has expired removed where it is to go, packed, encrypted, and put there.

The only thing on this machine's disk is the encrypted file, and only until it has left.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from controller.backup import report
from controller.backup.contents import PartUnreadable, Source, parts
from controller.backup.expiry import until_us
from controller.backup.name import SECOND_US, BackupName
from controller.backup.packing import Manifest, packed
from controller.backup.places import Place, PlaceUnusable
from controller.backup.report import Cause, Report
from controller.core.event import Stamp
from controller.disk import sync_folder
from controller.secrets import age_file, credentials
from controller.secrets.age_file import BadAgeKey
from controller.secrets.credentials import SecretMissing
from controller.secrets.minisign_signing import SigningKey
from controller.settings.backup import Backup
from controller.settings.paths import Paths
from controller.store.engine import DatabaseUnusable
from controller.store.owner import FOLDER_MODE

log = logging.getLogger(__name__)
SPOOLED = "leaving.age"


class BackupFailed(Exception):
    """It was not made, or did not arrive everywhere. The message has the remedy."""

    def __init__(self, report: Report, why: str) -> None:
        super().__init__(why)
        self.report = report


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that arrived everywhere, under this name."""

    name: BackupName
    report: Report
    signed: bool


def make(source: Source, backup: Backup, places: Sequence[Place], now: Stamp) -> Made:
    """Raises BackupFailed, once what became of it is written down; OSError where even that cannot be."""
    folder = Paths.of(source.settings).backup
    _prepare(folder)
    try:
        made = _make(source, backup, places, now, folder / SPOOLED)
    except BackupFailed as error:
        report.write(folder, error.report)
        raise
    finally:
        (folder / SPOOLED).unlink(missing_ok=True)
    report.write(folder, made.report)
    return made


def _prepare(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(FOLDER_MODE)
        sync_folder(folder.parent)
    (folder / SPOOLED).unlink(missing_ok=True)


def _make(source: Source, backup: Backup, places: Sequence[Place], now: Stamp, spooled: Path) -> Made:
    def failed(cause: Cause, why: object) -> BackupFailed:
        return BackupFailed(Report(now.wall_us, cause), str(why))

    if not now.clock_trusted:
        raise failed(
            Cause.CLOCK, "the clock cannot be believed, so nobody knows until when a backup may exist; set it"
        )
    branch, made_us = source.settings.branch, now.wall_us // SECOND_US * SECOND_US
    name = BackupName(branch.authority, branch.branch, made_us, until_us(source.settings, backup, made_us))
    manifest = Manifest(
        branch.authority, branch.branch, made_us, name.until_us, version("libraries-unlocked")
    )
    # Also when no new one comes to be, or there is no room for it until they are gone.
    removed, not_removed = _remove_expired(places, name, now.wall_us)
    key = _signing_key(source)
    try:
        descriptor = os.open(spooled, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            age_file.encrypt(packed(manifest, parts(source), key), out, backup.recipients)
        with spooled.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        size = spooled.stat().st_size
    except BadAgeKey as error:
        raise failed(Cause.KEY, f"backup.recipients: {error}") from None
    except (PartUnreadable, DatabaseUnusable) as error:
        raise failed(Cause.UNREADABLE, error) from error
    except OSError as error:
        raise failed(Cause.DISK, f"{error.filename or spooled}: {error.strerror or error}") from error
    arrived, not_put = _deliver(spooled, name, places)
    if faults := list(dict.fromkeys((*not_removed, *not_put))):
        raise BackupFailed(Report(now.wall_us, Cause.PLACE, places=arrived), "; ".join(faults))
    told = Report(now.wall_us, None, name.until_us, size, digest, arrived, removed)
    return Made(name, told, key is not None)


def _remove_expired(places: Sequence[Place], name: BackupName, now_us: int) -> tuple[int, list[str]]:
    """How many, and what was wrong. Each place is tried."""
    removed, faults = 0, []
    for place in places:
        try:
            removed += remove_expired(place, name, now_us)
        except PlaceUnusable as error:
            faults.append(str(error))
    return removed, faults


def _deliver(file: Path, name: BackupName, places: Sequence[Place]) -> tuple[tuple[str, ...], list[str]]:
    """Where it arrived, and what was wrong. Each place is tried."""
    arrived, faults = [], []
    for place in places:
        try:
            place.put(file, str(name))
            arrived.append(place.kind)
        except PlaceUnusable as error:
            faults.append(str(error))
    return tuple(arrived), faults


def remove_expired(place: Place, of: BackupName, now_us: int) -> int:
    """Of this branch alone; how many. Raises PlaceUnusable."""
    removed = 0
    for text in place.names():
        found = BackupName.parse(text)
        ours = found is not None and (found.authority, found.branch) == (of.authority, of.branch)
        if found is not None and ours and found.expired(now_us):
            place.remove(text)
            removed += 1
    return removed


def _signing_key(source: Source) -> SigningKey | None:
    try:
        name = credentials.EXPORT_SIGNING_KEY
        return SigningKey.of(source.secret(name), name)
    except SecretMissing as error:
        log.warning("the backup is not signed: %s", error)
        return None
