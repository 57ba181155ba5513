from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal import Journal

Unlocked = Callable[..., Result]
Happen = Callable[..., Event]
STYLE = re.compile(r"\x1b\[[0-9;]*m")
NOW_US = time.time_ns() // 1000


@pytest.fixture
def happen(settings: Settings) -> Happen:
    """Appends an event of so many seconds ago to the journal of a service."""

    def append(
        service: str, type: EventType, ago_s: int, *, trusted: bool = True, **data: JsonValue
    ) -> Event:
        stamp = Stamp(NOW_US - ago_s * 1_000_000, 1, "boot-1", trusted)
        journal = Journal.open(Paths.of(settings).journal(service), service=service, stamp=stamp)
        (event,) = journal.append([NewEvent(type, "front", stamp, data)])
        journal.close()
        return event

    return append


@pytest.fixture
def evening(happen: Happen) -> list[Event]:
    return [
        happen("door", EventType.ACCESS_GRANTED, 90_000, mode="unstaffed"),
        happen("door", EventType.ACCESS_GRANTED, 60, mode="unstaffed"),
        happen("recorder", EventType.CLIP_RECORDED, 40, length_ms=30_000),
        happen("door", EventType.ACCESS_REFUSED, 50, reason="expired", trusted=False),
    ]


def types(result: Result) -> list[str]:
    return [json.loads(line)["type"] for line in result.stdout.splitlines()]


def test_the_journals_come_in_one_order(unlocked: Unlocked, evening: list[Event]) -> None:
    expected = ["access.granted", "access.refused", "clip.recorded"]
    assert types(unlocked("log", "--json")) == expected


def test_since_takes_times_and_durations(unlocked: Unlocked, evening: list[Event]) -> None:
    assert len(types(unlocked("log", "--json", "--since", "7d"))) == 4
    assert len(types(unlocked("log", "--json", "--since", "2001-01-01"))) == 4
    assert types(unlocked("log", "--json", "--since", "2999-01-01 10:00")) == []
    wrong = unlocked("log", "--since", "yesterday")
    assert wrong.exit_code == 2
    assert "2026-11-21 18:00" in wrong.stderr


def test_refused_shows_refusals_only(unlocked: Unlocked, evening: list[Event]) -> None:
    (line,) = unlocked("log", "--refused", "--json").stdout.splitlines()
    found, expected = json.loads(line), evening[3]
    assert (found["id"], found["seq"], found["service"]) == (expected.id, 3, "door")
    assert found["data"] == {"reason": "expired"}
    assert found["clock_trusted"] is False


def test_plain_columns_mark_times_that_cannot_be_trusted(unlocked: Unlocked, evening: list[Event]) -> None:
    granted, refused, clip = unlocked("log").stdout.splitlines()
    assert granted.split()[2:] == ["door", "access.granted", "front", "mode=unstaffed"]
    assert refused.split()[1].endswith("?")
    assert clip.split()[2:] == ["recorder", "clip.recorded", "front", "length_ms=30000"]


def test_people_see_times_and_the_ids_they_can_use(unlocked: Unlocked, happen: Happen) -> None:
    clip, cause = "428c1981-cd9a-55f6-813d-70cb9505d103", "01a20114-1dbe-78b7-b159-dcc7a58be121"
    start_us = 1_795_219_200_000_000
    happen("recorder", EventType.CLIP_RECORDED, 1, clip=clip, cause=cause, start_us=start_us, seqs=[1, 2])
    (line,) = unlocked("log").stdout.splitlines()
    assert line.endswith(f'front        clip={clip} seqs=[1,2] start="2026-11-21 00:00:00"')
    (line,) = unlocked("log", "--json").stdout.splitlines()
    assert json.loads(line)["data"] == {"clip": clip, "cause": cause, "start_us": start_us, "seqs": [1, 2]}


def test_an_empty_branch_has_an_empty_log(unlocked: Unlocked) -> None:
    result = unlocked("log")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing happened in that time" in result.stderr


@pytest.mark.parametrize("columns", [80, 140])
def test_a_terminal_gets_a_table_in_which_no_event_is_cut(
    config: Path, evening: list[Event], happen: Happen, columns: int
) -> None:
    happen("recorder", EventType.CAMERA_FAULT_STARTED, 30, fault="covered")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "controller", "log", "--config", str(config)]
    environment = {**os.environ, "COLUMNS": str(columns)}
    subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment, check=True)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # the terminal has hung up: all was read
        pass
    os.close(ours)
    assert "Droitwich Library" in shown.decode()
    assert "camera.fault_started " in shown.decode()
    assert ("Service" in shown.decode()) == (columns == 140)
    assert all(len(STYLE.sub("", line)) <= columns for line in shown.decode().splitlines())


@pytest.mark.system
def test_follow_shows_what_happens_next_once(config: Path, evening: list[Event], happen: Happen) -> None:
    command = [sys.executable, "-m", "controller", "log", "--follow", "--json", "--config", str(config)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as follower,
        ExitStack() as failing,
    ):
        failing.callback(follower.kill)  # the test's time limit must end it too
        assert follower.stdout is not None
        history = [json.loads(follower.stdout.readline())["type"] for _ in range(3)]
        assert history == ["access.granted", "access.refused", "clip.recorded"]
        for service in ("door", "uplink"):
            event = happen(service, EventType.SERVICE_STARTED, 0)
            assert json.loads(follower.stdout.readline())["id"] == event.id
        follower.send_signal(signal.SIGINT)
        assert follower.stdout.read() == ""
