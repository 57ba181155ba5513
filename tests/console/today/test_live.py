"""How open pages are kept up to date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from controller.console.today import live as module
from controller.console.today.live import STREAMS, Live, Stream
from controller.console.today.shown import Board
from controller.core.event import EventType as E

if TYPE_CHECKING:
    from conftest import TodayRig

laid_out: list[Board] = []


def lay_out(board: Board) -> dict[str, str]:
    laid_out.append(board)
    return {"matters": str(board.matters), "doors": str(board.doors), "inside": "the same"}


@pytest.fixture
def live(today: TodayRig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.setattr(module, "LOOK_S", 0.01)
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.5)
    monkeypatch.setattr(module, "GONE_S", 0.1)
    laid_out.clear()
    today.well()
    today.open_the_door()
    live = Live(today.knowing, lay_out)
    yield live
    live.close()


def sent(stream: Stream) -> dict[str, dict[str, str]]:
    """The next that is no heartbeat."""
    lines = next(line for line in stream if line.startswith(b"retry")).decode().splitlines()
    found: dict[str, dict[str, str]] = json.loads(lines[1].removeprefix("data: "))
    return found


def test_an_open_page_is_told_of_what_has_changed_and_of_nothing_else(today: TodayRig, live: Live) -> None:
    stream = live.open_stream()
    assert stream is not None
    assert sent(stream)["regions"].keys() == {"matters", "doors", "inside"}
    today.write("door", E.DOOR_FORCED)
    told = sent(stream)
    assert told["regions"].keys() == {"matters", "doors"}
    assert told["say"] == ["Now: Door front was forced open."]
    stream.close()


def test_each_change_is_laid_out_once_for_all(today: TodayRig, live: Live) -> None:
    streams = [live.open_stream() for _ in range(3)]
    assert all(stream is not None and sent(stream) for stream in streams)
    before = len(laid_out)
    today.write("door", E.DOOR_FORCED)
    assert all(stream is not None and sent(stream) for stream in streams)
    assert len(laid_out) == before + 1
    for stream in streams:
        assert stream is not None
        stream.close()
    assert live.board().matters


def test_there_are_only_so_many_and_a_closed_one_makes_room(live: Live) -> None:
    streams = [live.open_stream() for _ in range(STREAMS)]
    assert live.open_stream() is None
    assert streams[0] is not None
    streams[0].close()
    streams[0].close()
    assert live.open_stream() is not None
    assert live.open_stream() is None


def test_a_quiet_stream_has_a_heartbeat_and_an_end(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = live.open_stream()
    assert stream is not None
    sent(stream)
    assert next(stream).startswith(b":")
    assert list(Stream(live, lambda: False, life_s=-1)) == []
    assert list(Stream(live, lambda: True)) == []


def test_streams_end_when_the_console_stops(live: Live) -> None:
    stream = live.open_stream()
    assert stream is not None
    sent(stream)
    live.close()
    assert list(stream) == []
    assert live.open_stream() is None
