"""Simulated systems, and a branch that tries them with five cards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from controller.settings.load import load
from controller.settings.paths import Paths
from simulator.lms.koha_server import CLIENT_ID, CLIENT_SECRET, KohaServer
from simulator.lms.patrons import PRIVATE, Patron
from simulator.lms.sip2_server import Setup, Sip2Server
from simulator.members import card_number

TODAY = datetime.now().astimezone().date()
YEAR, BORN = timedelta(days=365), date(1980, 5, 17)
VALID, EXPIRED, BLOCKED, UNKNOWN = (card_number(serial) for serial in (1, 2, 3, 9))
PIN, WRONG_PIN, PASSWORD = "481507", "592618", "pass-word"
CARDS = f"""\
valid = "{VALID}"
pin = "{PIN}"
expired = "{EXPIRED}"
blocked = "{BLOCKED}"
unknown = "{UNKNOWN}"
"""


def patron(card: str, *, pin: str = PIN, expired: bool = False, blocked: bool = False) -> Patron:
    return Patron(card, pin, TODAY + (-YEAR if expired else YEAR), BORN, blocked=blocked)


PATRONS = (patron(VALID), patron(EXPIRED, expired=True), patron(BLOCKED, blocked=True))


@pytest.fixture
def sip2(request: pytest.FixtureRequest) -> Iterator[Sip2Server]:
    """Of the dialect that the test names, else Evergreen's."""
    server = Sip2Server(PATRONS, Setup(getattr(request, "param", "evergreen"), "door", PASSWORD))
    server.start()
    yield server
    server.close()


@pytest.fixture
def koha() -> Iterator[KohaServer]:
    server = KohaServer(PATRONS)
    server.start()
    yield server
    server.close()


@dataclass
class Trial:
    """A branch, and what its installer does. cards: the file of the test cards."""

    config: Path
    unlocked: Callable[..., Result]
    cards: Path

    TODAY, YEAR = TODAY, YEAR
    VALID, EXPIRED, BLOCKED, UNKNOWN = VALID, EXPIRED, BLOCKED, UNKNOWN
    PIN, WRONG_PIN, PASSWORD = PIN, WRONG_PIN, PASSWORD
    patron = staticmethod(patron)

    @staticmethod
    def sip2(server: Sip2Server, dialect: str = "evergreen", **more: object) -> str:
        """The table that says where it is."""
        keys = {"dialect": dialect, "host": server.host, "port": server.port, "username": "door"} | more
        return "[lms.sip2]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())

    @staticmethod
    def koha(server: KohaServer) -> str:
        return f'[lms.koha]\nurl = "{server.url}"\nclient_id = "{CLIENT_ID}"\n'

    def ready(self, tables: str, *, changes: dict[str, str] | None = None) -> None:
        """The branch is made, with these tables and changes in its settings."""
        text = self.config.read_text().replace("[pin]\n", f"{tables}\n[pin]\n", 1)
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new, 1)
        self.config.write_text(text)
        assert self.unlocked("init", "--throw-away").exit_code == 0
        (self.paths.secrets / "lms-password").write_text(PASSWORD)
        (self.paths.secrets / "lms-client-secret").write_text(CLIENT_SECRET)
        self.cards.touch(mode=0o600)
        self.cards.write_text(CARDS)

    @property
    def paths(self) -> Paths:
        return Paths.of(load(self.config))

    def probe(self, *arguments: str) -> Result:
        result = self.unlocked("lms", "probe", "--cards", self.cards, *arguments)
        self.tells_nobody(result.output)
        return result

    def told(self) -> dict[str, Any]:
        """What programs are told."""
        result = self.probe("--json")
        told: dict[str, Any] = json.loads(result.stdout)
        assert result.exit_code == (1 if told.get("dangers", True) else 0)
        return told

    def dangers(self) -> list[str]:
        return [danger["code"] for danger in self.told()["dangers"]]

    @staticmethod
    def tells_nobody(output: str) -> None:
        secrets = (PIN, WRONG_PIN, PASSWORD, CLIENT_SECRET)
        for word in (VALID, EXPIRED, BLOCKED, UNKNOWN, *secrets, PRIVATE, str(BORN.year)):
            assert word not in output


@pytest.fixture
def trial(config: Path, unlocked: Callable[..., Result], tmp_path: Path) -> Trial:
    return Trial(config, unlocked, tmp_path / "cards.toml")
