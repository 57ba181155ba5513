"""What is in a backup, by name, and where each part comes from.

Here: the list, and reading the parts. In it are the five journals, the registers, the published notice, the
settings with the policy profile, and the secrets that may leave. Not in it: footage and its rows, memberships
and PINs, which come again from the library; accounts and sessions of the staff pages, which nobody but the
console reads; passwords of other systems, and the keys that sign journals. Never here: the file's format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from controller.secrets import credentials
from controller.secrets.credentials import Secret, SecretMissing
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.store.engine import DatabaseMissing
from controller.store.snapshot import snapshot

MANIFEST = "manifest.json"
SETTINGS = "settings/branch.toml"
POLICY = "settings/policy.toml"
NOTICE = "console/notice.json"
REGISTERS = "console/registers.db"
KEYS = "keys/"
LARGEST_TEXT = 4 * 1024 * 1024
"""Bytes of whatever is no database."""


class PartUnreadable(Exception):
    """A part cannot be read. The message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Source:
    """config: the settings' file. secret: reads one by name; raises SecretMissing."""

    settings: Settings
    config: Path
    secret: Callable[[str], Secret]


def journal(service: str) -> str:
    return f"{service}/journal.db"


DATABASES = frozenset({REGISTERS, *(journal(service) for service in JOURNALS)})


def is_part(name: str) -> bool:
    """Whether a backup can have it."""
    if name in {SETTINGS, POLICY, NOTICE, *DATABASES}:
        return True
    key = name.removeprefix(KEYS)
    return name.startswith(KEYS) and key.replace("-", "").isalnum() and key.isascii()


def parts(source: Source) -> Iterator[tuple[str, bytes]]:
    """Each with its content, one after the other. Raises PartUnreadable, DatabaseUnusable.

    The console's journal comes before the registers: what it tells of is in them already.
    """
    settings, paths = source.settings, Paths.of(source.settings)
    yield SETTINGS, _file(source.config)
    if settings.policy.profile is not None:
        yield POLICY, _file(settings.policy.profile)
    with suppress(FileNotFoundError):
        yield NOTICE, paths.notice.read_bytes()
    for name in credentials.leaving(settings):
        with suppress(SecretMissing):  # a branch may be older than the key
            yield KEYS + name, source.secret(name).reveal().encode()
    databases = {journal(service): paths.journal(service) for service in JOURNALS}
    for name, path in (*databases.items(), (REGISTERS, paths.registers)):
        with suppress(DatabaseMissing):  # its owner has not begun
            yield name, snapshot(path)


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PartUnreadable(f"{path}: {error.strerror}; let the user unlocked-backup read it") from error
