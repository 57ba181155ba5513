"""Who may look at footage, for which need, and what is restricted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from controller.core.event import EventType, event_id
from controller.core.restriction import Ground, Restriction
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.account import account
from controller.store.footage import Clip, Footage
from controller.store.journal_reader import JournalReader
from controller.store.registers import Registers

Unlocked = Callable[..., Result]
LogIn = Callable[[int], None]
TIMES = ("--from", "2026-09-21 15:13:20", "--to", "2026-09-21 15:13:22")


def told(settings: Settings) -> list[tuple[EventType, object, object]]:
    with closing(JournalReader(Paths.of(settings).journal("console"))) as journal:
        return [(event.type, event.data.get("cause"), event.data["user"]) for event in journal.read(0)]


def restrict(settings: Settings, event: str) -> None:
    with closing(Registers.open(Paths.of(settings).registers)) as registers:
        made = event_id(1_790_000_000_000_000, 7)
        registers.add_restriction(
            Restriction(made, "DP/7", Ground.CLAIM, frozenset({event}), 1_790_000_000_000_000, "dpo")
        )


@pytest.fixture
def staff(config: Path) -> None:
    """7001 may look at footage, the training of 7002 has lapsed, 7003 is the data protection officer."""
    tables = "".join(
        f'[[staff]]\naccount = "{uid}"\nroles = ["{role}"]\ntrained_until = {until}\n\n'
        for uid, role, until in (
            (7001, "cctv", "2099-01-01"),
            (7002, "cctv", "2026-01-01"),
            (7003, "dpo", "2099-01-01"),
        )
    )
    config.write_text(config.read_text().replace("[[staff]]", tables + "[[staff]]", 1))


@pytest.mark.usefixtures("staff", "key")
def test_who_may_not_is_refused_and_journalled(
    unlocked: Unlocked, settings: Settings, clip: Clip, tmp_path: Path, log_in: LogIn
) -> None:
    target, expected = tmp_path / "out.mp4", []
    for uid, cause in ((7002, "training_lapsed"), (7003, "no_role"), (7004, "not_staff")):
        log_in(uid)
        assert unlocked("clip", "show", clip.id, "--need", "INC-1").exit_code == 1
        assert unlocked("clip", "export", clip.id, target, "--need", "INC-1").exit_code == 1
        assert not target.exists()
        expected += [(EventType.FOOTAGE_VIEW_REFUSED, cause, str(uid))] * 2
    assert told(settings) == expected


def test_who_has_no_need_is_refused_and_journalled_without_what_was_typed(
    unlocked: Unlocked, settings: Settings, clip: Clip, key: str, tmp_path: Path
) -> None:
    for need in ((), ("--need", "Jane Doe asked")):
        shown = unlocked("clip", "show", clip.id, *need)
        assert (shown.exit_code, "which need was raised" in shown.stderr) == (2, True)
        assert unlocked("clip", "export", clip.id, tmp_path / "out.mp4", *need).exit_code == 2
    assert told(settings) == [(EventType.FOOTAGE_VIEW_REFUSED, "no_need", account().user)] * 4
    assert b"Jane" not in Paths.of(settings).journal("console").read_bytes()


@pytest.mark.usefixtures("staff")
def test_each_look_is_journalled(unlocked: Unlocked, settings: Settings, clip: Clip, log_in: LogIn) -> None:
    log_in(7001)
    assert unlocked("clip", "show", clip.id, "--need", "INC-1").exit_code == 0
    assert told(settings) == [(EventType.CLIP_SHOWN, clip.event_id, "7001")]


def test_what_is_restricted_is_neither_shown_nor_exported(
    unlocked: Unlocked, settings: Settings, clip: Clip, granted: str, key: str, tmp_path: Path
) -> None:
    restrict(settings, clip.event_id)
    target = tmp_path / "out.mp4"
    for command in (
        ("show", clip.id),
        ("export", clip.id, target),
        ("export", target, "--camera", "entrance", *TIMES),
    ):
        refused = unlocked("clip", *command, "--need", "INC-1")
        assert (refused.exit_code, "is restricted: it is stored only" in refused.stderr) == (1, True)
    assert not list(tmp_path.glob("*out.mp4*"))


def test_nor_is_what_shows_the_same_moment(
    unlocked: Unlocked, settings: Settings, clip: Clip, key: str, tmp_path: Path, now: Any
) -> None:
    other = replace(clip, id=clip.event_id, event_id=event_id(clip.end_us - 1, 9), start_us=clip.end_us - 1)
    with closing(Footage.open(Paths.of(settings).footage)) as footage:
        footage.add_clip(other)
    restrict(settings, other.event_id)
    refused = unlocked("clip", "export", clip.id, tmp_path / "out.mp4", "--need", "INC-1")
    assert (refused.exit_code, other.id in refused.stderr) == (1, True)
