from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import Event, EventType, NewEvent, Stamp
from controller.core.restriction import Ground, Restriction
from controller.secrets import credentials
from controller.secrets.identity import Sealer
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.staff import roles
from controller.staff.account import Account, account
from controller.store.journal import Journal
from controller.store.registers import Registers

Unlocked = Callable[..., Result]
POLICY = Path(__file__).parents[3] / "config" / "policies" / "worcestershire.toml"
PASSPHRASE = "correct horse battery"
NOW_US = 1_790_000_000_000_000


@pytest.fixture
def authority(config: Path, unlocked: Unlocked, tmp_path: Path) -> list[str]:
    """A branch with keys, whose supervisor in training runs the commands; the options that bring the key."""
    text = config.read_text().replace('account = "head-librarian"', f'account = "{account().user}"')
    text = text.replace("/etc/unlocked/policy.toml", str(POLICY))
    config.write_text(text.replace("trained_until = 2027-11-01", "trained_until = 2999-01-01"))
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    key = tmp_path / "authority.pem"
    made = unlocked("init", "--private-key-to", key, "--passphrase-file", passphrase)
    assert made.exit_code == 0, made.output
    return ["--key", str(key), "--passphrase-file", str(passphrase)]


@pytest.fixture
def door(config: Path) -> Callable[..., list[Event]]:
    """Journals grants at the door, one for each card, a minute apart, sealed to the key as it is now."""

    def grant(*cards: str, start_us: int = NOW_US) -> list[Event]:
        paths = Paths.of(load(config))
        seal = Sealer.of(credentials.read(credentials.AUTHORITY_PUBLIC_KEY, paths.secrets))
        stamps = [Stamp(start_us + n * 60_000_000, n + 1, "boot", True) for n in range(len(cards))]
        journal = Journal.open(
            paths.journal("door"), service="door", stamp=Stamp(start_us, 1, "boot", True), seal=seal
        )
        try:
            return journal.append(
                [
                    NewEvent(
                        EventType.ACCESS_GRANTED,
                        "front",
                        stamp,
                        {"reader": "in"},
                        {"card": card.encode()} if card else {},
                    )
                    for stamp, card in zip(stamps, cards, strict=True)
                ]
            )
        finally:
            journal.close()

    return grant


@pytest.fixture
def restrict(config: Path) -> Callable[[Event], None]:
    """Restricts the processing of an event."""

    def place(event: Event) -> None:
        registers = Registers.open(Paths.of(load(config)).registers)
        try:
            registers.add_restriction(
                Restriction(
                    str(uuid.uuid4()), "SAR-1", Ground.ACCURACY, frozenset({event.id}), NOW_US, "somebody"
                )
            )
        finally:
            registers.close()

    return place


@pytest.fixture
def act_as(config: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Whoever runs the commands from now on, with these lines in their table of branch.toml."""

    def become(user: str, table: str = 'roles = ["supervisor"]\ntrained_until = 2999-01-01') -> None:
        if f'account = "{user}"' not in config.read_text():
            with config.open("a") as file:
                file.write(f'\n[[staff]]\naccount = "{user}"\n{table}\n')
        who = Account(os.getuid() + 1 + len(user), user)
        monkeypatch.setattr(roles, "account", lambda: who)
        monkeypatch.setattr("controller.staff.account.account", lambda: who)

    return become
