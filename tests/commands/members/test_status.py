from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import Result

from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.live_answers import LiveAnswers
from controller.store.members_import import NewPins
from controller.store.members_owner import MembersOwner
from simulator.members import valid_membership

Unlocked = Callable[..., Result]
KEY_ID, PIN_KEY_ID = "0123abcd", "89abcdef"
ADULT = valid_membership(date(2026, 11, 23))
HOUR_US = 3_600_000_000
VERIFIER = "$argon2id$any"


def ref(n: int) -> bytes:
    return sha256(str(n).encode()).digest()


@pytest.fixture
def path(settings: Settings) -> Path:
    return Paths.of(settings).members


@pytest.fixture
def owner(path: Path) -> Iterator[MembersOwner]:
    with closing(MembersOwner.open(path)) as opened:
        yield opened


@pytest.fixture
def live(path: Path) -> Iterator[LiveAnswers]:
    with closing(LiveAnswers.open(path)) as opened:
        yield opened


def now_us() -> int:
    return time.time_ns() // 1000


def fill(owner: MembersOwner, live: LiveAnswers) -> int:
    """Five imported thirty hours ago; of these, one is a pupil since and one is gone; two new ones came."""
    as_of_us = now_us() - 30 * HOUR_US
    rows = [(n, ref(n), ADULT) for n in range(5)]
    pins = NewPins(PIN_KEY_ID, [(ref(0), VERIFIER)])
    owner.import_set(rows, as_of_us=as_of_us, key_id=KEY_ID, pins=pins)
    for n, age_h, category in ((1, 0.5, "pupil"), (5, 2, "pupil"), (6, 28, ""), (7, 31, "superseded")):
        told = replace(ADULT, category=category, as_of_us=now_us() - round(age_h * HOUR_US))
        live.keep(ref(n), told, KEY_ID)
    live.evict(ref(2), now_us())
    live.keep_pin(ref(5), VERIFIER, PIN_KEY_ID, now_us())
    return as_of_us


def test_before_anything_is_known(unlocked: Unlocked) -> None:
    assert unlocked("members", "status").stdout.splitlines() == [
        "no memberships yet: import them with `unlocked members import FILE.csv`"
    ]
    told = json.loads(unlocked("members", "status", "--json").stdout)
    assert (told["members"], told["categories"], told["blocked"]) == (0, {}, 0)


def test_counts_by_whom_they_were_told_by_age_and_by_category(
    unlocked: Unlocked, config: Path, owner: MembersOwner, live: LiveAnswers
) -> None:
    config.write_text(config.read_text().replace("#offline = false", "offline = true"))
    fill(owner, live)
    lines = unlocked("members", "status").stdout.splitlines()
    assert lines[0].startswith("5 memberships, as of ")
    assert lines[1:] == [
        "30 h old; believed for 168 h: yes",
        "3 live answers that are newer: 1 under an hour old, 1 under a day, 1 older",
        "1 cards that the library management system has no more",
        "in all, by category: (none) 1, adult 3, pupil 2",
        "1 PINs imported; 30 h old; believed for 168 h: yes",
        "1 PINs found right since; each believed for 168 h from then",
    ]


def test_the_same_as_one_line_of_json(unlocked: Unlocked, owner: MembersOwner, live: LiveAnswers) -> None:
    as_of_us = fill(owner, live)
    (line,) = unlocked("members", "status", "--json").stdout.splitlines()
    assert json.loads(line) == {
        "members": 5,
        "as_of_us": as_of_us,
        "key_id": KEY_ID,
        "age_h": 30,
        "believed": True,
        "categories": {"": 1, "adult": 3, "pupil": 2},
        "live": {"under_an_hour": 1, "under_a_day": 1, "older": 1, "gone": 1},
        "pins": 1,
        "pins_verified": 1,
        "blocked": 0,
        "allowed": 0,
    }


def test_live_answers_count_before_any_import(unlocked: Unlocked, live: LiveAnswers) -> None:
    live.keep(ref(1), replace(ADULT, as_of_us=now_us()), KEY_ID)
    told = json.loads(unlocked("members", "status", "--json").stdout)
    assert (told["members"], told["categories"], told["live"]["under_an_hour"]) == (0, {"adult": 1}, 1)
    assert "by category: adult 1" in unlocked("members", "status").stdout


def test_a_database_that_cannot_be_read_is_said_to_be_so(unlocked: Unlocked, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database " * 100)
    result = unlocked("members", "status")
    assert result.exit_code == 1
    assert "members.db" in result.stderr
