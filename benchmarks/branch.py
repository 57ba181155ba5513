"""A branch to measure: settings, throw-away keys, members. All of it in one folder, deleted afterwards."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from controller.core.card import CardRules, parse_card
from controller.core.membership import Membership
from controller.secrets import credentials, site_key
from controller.secrets.credentials import Secret
from controller.secrets.identity import public_key_text
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.members_owner import MembersOwner
from simulator.members import valid_membership
from simulator.policies import policy_toml

LOCK_PIN = 17
RULES = CardRules(min_length=14, max_length=14, alphabet="digits", check_digit="off")


def card(number: int) -> str:
    """The card of the member with this number."""
    return f"{20_000_000_000_000 + number * 7919}"


@dataclass(frozen=True, slots=True)
class Branch:
    folder: Path
    file: Path
    settings: Settings
    secrets: Path
    members: int

    @property
    def paths(self) -> Paths:
        return Paths.of(self.settings)


def make(
    folder: Path,
    port: str,
    members: int,
    reader: Sequence[str] = (),
    tables: Sequence[str] = (),
) -> Branch:
    """A branch with ``members`` members and its reader at ``port``.

    reader: further lines of the reader's table. tables: further lines at the end of branch.toml.
    """
    folder.mkdir()
    file = folder / "branch.toml"
    # Sockets: a path of more than 107 bytes is none, and the measured disk may be a long way down.
    run_dir = Path(tempfile.mkdtemp(prefix="unlocked-"))
    atexit.register(shutil.rmtree, run_dir, ignore_errors=True)
    file.write_text(_settings(folder, run_dir, port, reader) + "\n".join((*tables, "")))
    settings = load(file)
    key = site_key.generate()
    hidden = folder / "secrets"
    hidden.mkdir(mode=0o700)
    (hidden / credentials.SITE_KEY).write_text(key.reveal())
    authority = public_key_text(X25519PrivateKey.generate().public_key())
    (hidden / credentials.AUTHORITY_PUBLIC_KEY).write_text(authority)
    if members:
        _fill(Paths.of(settings).members, key, members)
    return Branch(folder, file, settings, hidden, members)


def _settings(folder: Path, run_dir: Path, port: str, reader: Sequence[str]) -> str:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    lines = [
        "[branch]",
        'authority = "benchmark"',
        'branch = "benchmark"',
        'name = "Benchmark"',
        f"state_dir = {json.dumps(str(folder / 'state'))}",
        f"run_dir = {json.dumps(str(run_dir))}",
        f"secrets_dir = {json.dumps(str(folder / 'secrets'))}",
        *policy_toml().splitlines(),
        "[clock]",
        "assume_trusted = true",
        "[hours.unstaffed]",
        *(f'{day} = ["00:00-24:00"]' for day in days),
        "[[doors]]",
        "[[doors.readers]]",
        f"port = {json.dumps(port)}",
        # So that swipes may follow each other at once, whoever swipes.
        "repeat_s = 0",
        *reader,
        "[doors.lock]",
        f"pin = {LOCK_PIN}",
        "[mqtt]",
        "enabled = false",
    ]
    return "\n".join(lines) + "\n"


def _fill(path: Path, key: Secret, members: int) -> None:
    now_us = time.time_ns() // 1000
    membership = valid_membership(datetime.now(UTC).date(), now_us)

    def rows() -> Iterator[tuple[int, bytes, Membership]]:
        for number in range(members):
            yield number + 1, site_key.member_ref(key, parse_card(card(number), RULES)), membership

    owner = MembersOwner.open(path)
    owner.import_set(rows(), as_of_us=now_us, key_id=site_key.key_id(key))
    owner.close()
