"""A branch with journals and registers, and the authority's key for its backups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from controller.backup.contents import Source
from controller.backup.making import Made, make
from controller.backup.places import FolderPlace
from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.secrets import age_file, credentials
from controller.secrets.credentials import Secret
from controller.secrets.minisign_signing import SigningKey
from controller.settings.backup import Backup
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.settings.shipped import profiles
from controller.store.journal import Journal
from controller.store.registers import Registers

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"
NOW_US = 1_795_219_200_000_000
"""2026-11-21 00:00 UTC."""
CARD = b"27182818284590"


def at(days: float = 0, *, boot: str = "boot-1") -> Stamp:
    """So many days after NOW_US."""
    wall_us = NOW_US + round(days * DAY_US)
    return Stamp(wall_us, wall_us - NOW_US + 1000 * DAY_US, boot, clock_trusted=True)


class Open:
    """Seals nothing, so that tests find what was in a box."""

    key_id = "0123abcd"

    def seal(self, plaintext: bytes, _info: bytes) -> bytes:
        return plaintext


@dataclass(slots=True)
class Branch:
    config: Path
    settings: Settings
    backup: Backup
    identity: Secret
    key: SigningKey
    target: Path

    @property
    def paths(self) -> Paths:
        return Paths.of(self.settings)

    @property
    def source(self) -> Source:
        folder = self.settings.branch.secrets_dir
        return Source(self.settings, self.config, partial(credentials.read, folder=folder))

    def journal(self, service: str, stamp: Stamp) -> Journal:
        return Journal.open(self.paths.journal(service), service=service, stamp=stamp, seal=Open())

    def happened(
        self, service: str, stamp: Stamp, type: EventType = EventType.ACCESS_GRANTED, **data: JsonValue
    ) -> int:
        """The number of the event."""
        journal = self.journal(service, stamp)
        private = {"card": CARD} if type is EventType.ACCESS_GRANTED else {}
        (event,) = journal.append([NewEvent(type, "front", stamp, data, private)])
        journal.close()
        return event.seq

    def place_hold(self, stamp: Stamp, hold_id: str, **scope: object) -> Hold:
        """Of door events of a time, with what the console journals of it."""
        values = {"device": None, "start_us": 0, "end_us": 0, **scope}
        where = Scope(Category.ACCESS_EVENTS, self.settings.branch.branch, **values)  # type: ignore[arg-type]
        hold = Hold(hold_id, "police", "CR/1", where, stamp.wall_us, stamp.wall_us + DAY_US, placed_by="ann")
        registers = Registers.open(self.paths.registers)
        registers.add_hold(hold)
        registers.close()
        self.happened("console", stamp, EventType.HOLD_ADDED, hold=hold_id)
        return hold

    def make(self, stamp: Stamp) -> Made:
        return make(self.source, self.backup, [FolderPlace(self.target, None)], stamp)


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    text = EXAMPLE.read_text()
    for key, folder in (("state_dir", "state"), ("run_dir", "run"), ("secrets_dir", "secrets")):
        text = text.replace(
            next(line for line in text.splitlines() if line.startswith(f"#{key} = ")),
            f'{key} = "{tmp_path / folder}"',
        )
    text = text.replace("#assume_trusted = false", "assume_trusted = true")
    text = text.replace('"/etc/unlocked/policy.toml"', f'"{tmp_path / "policy.toml"}"')
    (tmp_path / "policy.toml").write_bytes(profiles()["worcestershire"].read_bytes())
    private, public = age_file.new_identity()
    (tmp_path / "age.key").write_text(f"# public key: {public}\n{private.reveal()}\n")
    target = tmp_path / "stick"
    target.mkdir()
    table = f'[backup]\nrecipients = ["{public}"]\nfolder = "{target}"\n\n'
    config = tmp_path / "branch.toml"
    config.write_text(text.replace("[policy]\n", f"{table}[policy]\n"))
    settings = load(config)
    assert settings.backup is not None
    secrets = settings.branch.secrets_dir
    secrets.mkdir()
    key = SigningKey.generate()
    (secrets / credentials.EXPORT_SIGNING_KEY).write_text(key.secret().reveal())
    (secrets / credentials.AUTHORITY_PUBLIC_KEY).write_text("a public key\n")
    (secrets / credentials.SITE_KEY).write_text("stays-at-the-branch\n")
    return Branch(config, settings, settings.backup, private, key, target)


@pytest.fixture
def lived(branch: Branch) -> Branch:
    """With a year's journals, one event a month each, the last a day ago."""
    for service in JOURNALS:
        journal = branch.journal(service, at(-361))
        type = EventType.ACCESS_GRANTED if service == "door" else EventType.SERVICE_STARTED
        for days in range(-361, 0, 30):
            private = {"card": CARD} if service == "door" else {}
            journal.append([NewEvent(type, "front", at(days), {}, private)])
        journal.close()
    return branch
