"""Copies that a browser can play: one at a time, in memory, and gone again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.console.footage import preparing
from controller.console.footage.preparing import KEPT_S, Preparing, State
from controller.footage.export.wanted import Exported, Wanted
from controller.footage.worker.client import WorkFailed
from controller.footage.worker.job import FilmJob

LIMIT_S = 10


class Quick:
    """Writes the film at once, or fails where its name says so."""

    made: list[str] = []  # noqa: RUF012

    def __init__(self, job: FilmJob) -> None:
        self._target = job.target

    def films(self, _told: object, _longest_s: float | None = None) -> Exported:
        if "bad" in self._target.name:
            raise WorkFailed("no picture")
        self._target.write_bytes(bytes(1000))
        self.made.append(self._target.name)
        return Exported((), ())

    def cancel(self) -> None: ...


@pytest.fixture
def now_s() -> list[float]:
    return [0.0]


@pytest.fixture
def copies(tmp_path: Path, now_s: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Preparing]:
    Quick.made = []
    monkeypatch.setattr(preparing, "Work", Quick)
    made = Preparing(tmp_path / "prepared", threading.Lock(), clock=lambda: now_s[0])
    yield made
    made.close()
    assert not (tmp_path / "prepared").exists()


def job(target: Path) -> FilmJob:
    return FilmJob(Wanted(0, 1), (), target.parent, target, None)


def ended(copies: Preparing, key: str) -> tuple[State, str]:
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        state, said = copies.ask(key, job)
        if state in (State.READY, State.FAILED):
            return state, said
        time.sleep(0.01)
    raise AssertionError(key)


def test_a_copy_is_made_once_and_kept_for_a_while(copies: Preparing, now_s: list[float]) -> None:
    assert ended(copies, "one") == (State.READY, "")
    assert copies.file("one").stat().st_size == 1000
    assert copies.file("one").parent.stat().st_mode & 0o777 == 0o700
    now_s[0] += KEPT_S - 1
    assert copies.ask("one", job)[0] is State.READY
    assert Quick.made == ["one.mp4"]
    now_s[0] += KEPT_S + 1
    assert ended(copies, "two")[0] is State.READY
    assert not copies.file("one").exists()


def test_what_fails_says_why(copies: Preparing) -> None:
    assert ended(copies, "bad") == (State.FAILED, "no picture")


def test_what_nobody_foresaw_stops_nothing_else(copies: Preparing, monkeypatch: Any) -> None:
    def broken(_job: FilmJob) -> Quick:
        raise LookupError

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(preparing, "Work", broken)
    assert ended(copies, "one")[0] is State.FAILED
    monkeypatch.setattr(preparing, "Work", Quick)
    assert ended(copies, "two")[0] is State.READY


def test_there_is_never_too_much(copies: Preparing, now_s: list[float], monkeypatch: Any) -> None:
    monkeypatch.setattr(preparing, "MOST_BYTES", 2500)
    for key in ("one", "two", "three"):
        assert ended(copies, key)[0] is State.READY
        now_s[0] += 1
    copies.ask("three", job)
    assert not copies.file("one").exists()
    assert copies.file("two").exists()
    assert copies.file("three").exists()
