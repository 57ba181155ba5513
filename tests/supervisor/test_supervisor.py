"""The supervisor over real processes that do as they are told."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

Rig = Any  # the fixture's class lives in conftest.py, which tests cannot import

pytestmark = pytest.mark.system
SAFE_S = 1.0


def test_services_start_in_order_once_the_one_before_is_ready_and_stop_in_reverse(supervised: Rig) -> None:
    for name in ("membership", "door", "recorder"):
        supervised.service(name, "ready", "watchdog")
    supervised.start()
    supervised.wait(lambda: "all services are ready" in supervised.output())
    supervised.signal(signal.SIGTERM)
    assert supervised.ended() == 0
    assert supervised.happened() == [
        ("membership", "runs"),
        ("membership", "ready"),
        ("door", "runs"),
        ("door", "ready"),
        ("recorder", "runs"),
        ("recorder", "ready"),
        ("recorder", "told to stop"),
        ("door", "told to stop"),
        ("membership", "told to stop"),
    ]


def test_a_service_that_never_gets_ready_holds_the_next_one_up_for_a_while_only(supervised: Rig) -> None:
    supervised.service("membership")
    supervised.service("door", "ready", "watchdog")
    supervised.start()
    supervised.wait(lambda: ("door", "ready") in supervised.happened())


def test_a_service_that_cannot_be_started_at_all_holds_nobody_up(supervised: Rig) -> None:
    supervised.service("membership", command=["/nonexistent/program"])
    supervised.service("door", "ready", "watchdog")
    supervised.start()
    supervised.wait(lambda: ("door", "ready") in supervised.happened())


def test_a_service_killed_has_its_aftermath_at_once_and_comes_back(supervised: Rig) -> None:
    supervised.service("door", "ready", "watchdog", after_death=True)
    supervised.start()
    supervised.wait(lambda: ("door", "ready") in supervised.happened())
    killed_at = time.monotonic()
    os.kill(supervised.pids("door")[0], signal.SIGKILL)
    supervised.wait(lambda: len(supervised.pids("door")) == 2)
    aftermaths = [moment for moment, _, what in supervised.notes("door") if what == "after death"]
    assert len(aftermaths) == 2  # before the first start, and now
    assert 0 <= aftermaths[1] - killed_at < SAFE_S
    supervised.wait(lambda: supervised.happened("door")[-1] == ("door", "ready"))


def test_a_frozen_service_is_killed_at_its_watchdog_and_has_its_aftermath(supervised: Rig) -> None:
    supervised.service("door", "ready", "watchdog", after_death=True, watchdog_s=1.0)
    supervised.start()
    supervised.wait(lambda: ("door", "ready") in supervised.happened())
    frozen_at = time.monotonic()
    os.kill(supervised.pids("door")[0], signal.SIGSTOP)
    supervised.wait(lambda: len(supervised.pids("door")) == 2)
    aftermath = [moment for moment, _, what in supervised.notes("door") if what == "after death"][1]
    assert 0 <= aftermath - frozen_at < 1.0 + SAFE_S
    assert "silent for 1 s; killing it" in supervised.output()


def test_output_that_comes_after_the_death_harms_nobody(supervised: Rig) -> None:
    supervised.service("recorder", "has-a-talker", "ready", "watchdog")
    supervised.start()
    supervised.wait(lambda: "recorder is ready" in supervised.output())
    # So that it finds both at once: the death, and after it a line from what the service had started.
    supervised.signal(signal.SIGSTOP)
    os.kill(supervised.pids("recorder")[0], signal.SIGKILL)
    said = len(supervised.notes("talker"))
    supervised.wait(lambda: len(supervised.notes("talker")) > said + 3)
    supervised.signal(signal.SIGCONT)
    supervised.wait(lambda: supervised.output().count("recorder is ready") == 2)
    supervised.signal(signal.SIGTERM)
    assert supervised.ended() == 0
    said = len(supervised.notes("talker"))
    time.sleep(0.1)
    assert len(supervised.notes("talker")) == said  # what a service had started is gone with it


def test_a_service_that_keeps_its_watchdog_is_left_alone(supervised: Rig) -> None:
    supervised.service("door", "ready", "watchdog", watchdog_s=0.8)
    supervised.service("recorder", "ready", watchdog_s=0.8)  # keeps none: it shows that time has passed
    supervised.start()
    supervised.wait(lambda: len(supervised.pids("recorder")) == 3)
    assert len(supervised.pids("door")) == 1


def test_a_service_that_never_gets_ready_is_killed(supervised: Rig) -> None:
    supervised.service("recorder", ready_s=0.5)
    supervised.start()
    supervised.wait(lambda: len(supervised.pids("recorder")) == 2)
    assert "not ready after 0.5 s; killing it" in supervised.output()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_aftermath_comes_also_when_the_supervisor_is_told_to_stop(
    supervised: Rig, number: signal.Signals
) -> None:
    supervised.service("door", "ready", "watchdog", after_death=True)
    supervised.start()
    supervised.wait(lambda: ("door", "ready") in supervised.happened())
    supervised.signal(number)
    assert supervised.ended() == 0
    assert supervised.happened()[-2:] == [("door", "told to stop"), ("door", "after death")]


def test_a_service_that_does_not_stop_is_killed_and_has_its_aftermath(supervised: Rig) -> None:
    supervised.service("door", "ready", "watchdog", "ignores-term", after_death=True, stop_s=0.5)
    supervised.start()
    supervised.wait(lambda: ("door", "ready") in supervised.happened())
    supervised.signal(signal.SIGTERM)
    assert supervised.ended() == 0
    assert supervised.happened()[-1] == ("door", "after death")
    assert "still there 0.5 s after SIGTERM; killing it" in supervised.output()


def test_a_second_signal_kills_whatever_is_left(supervised: Rig) -> None:
    supervised.service("door", "ready", "watchdog", "ignores-term", after_death=True, stop_s=600)
    supervised.start()
    supervised.wait(lambda: ("door", "ready") in supervised.happened())
    supervised.signal(signal.SIGINT)
    supervised.wait(lambda: ("door", "told to stop") in supervised.happened())
    supervised.signal(signal.SIGINT)
    assert supervised.ended() == 0
    assert supervised.happened()[-1] == ("door", "after death")


def test_services_are_told_to_stop_when_the_supervisor_itself_is_killed(
    supervised: Rig, gone: Callable[[int], bool]
) -> None:
    for name in ("door", "recorder"):
        supervised.service(name, "ready", "watchdog")
    supervised.start()
    supervised.wait(lambda: "all services are ready" in supervised.output())
    supervised.signal(signal.SIGKILL)
    for name in ("door", "recorder"):
        supervised.wait(lambda name=name: (name, "told to stop") in supervised.happened())
        supervised.wait(lambda name=name: gone(supervised.pids(name)[0]))


def test_an_aftermath_that_fails_is_tried_again(supervised: Rig) -> None:
    supervised.service("door", after_death=True)
    supervised.after_death_fails = 3
    supervised.start()
    supervised.wait(lambda: supervised.happened().count(("door", "after death")) == 4)
    assert supervised.output().count("door: the pin cannot be driven; trying again") == 3


def test_an_aftermath_that_still_fails_at_the_end_is_told_by_the_exit_status(supervised: Rig) -> None:
    supervised.service("door", "ready", "watchdog", after_death=True)
    supervised.after_death_fails = 1_000
    supervised.start()
    supervised.wait(lambda: ("door", "ready") in supervised.happened())
    supervised.signal(signal.SIGTERM)
    assert supervised.ended() == 1


def test_restarts_back_off_up_to_a_limit(supervised: Rig) -> None:
    supervised.service("recorder", "exits")
    supervised.start()
    pattern = re.compile(r"recorder exited with 3; starting it again in ([\d.]+) s")
    supervised.wait(lambda: len(pattern.findall(supervised.output())) >= 5)
    assert [float(delay) for delay in pattern.findall(supervised.output())[:5]] == [0.1, 0.2, 0.4, 0.8, 1.6]


def test_a_service_finds_its_own_secrets_and_no_others(supervised: Rig) -> None:
    for name in ("site-key", "mqtt-password"):
        (supervised.folder / name).write_text(f"{name} of a test")
    supervised.service(
        "door",
        "tells-secrets",
        "ready",
        "watchdog",
        secrets={"site-key": str(supervised.folder / "site-key")},
    )
    supervised.service("uplink", "ready", "watchdog")
    supervised.start()
    supervised.wait(lambda: "all services are ready" in supervised.output())
    folder = supervised.folder / "run" / "door"
    told = next(what for _, _, what in supervised.notes("door") if what.startswith("secrets"))
    assert told == f"secrets {{'site-key': 'site-key of a test'}} 0o700 ['0o400'] {folder}"
    assert list((supervised.folder / "run" / "uplink").iterdir()) == []
    supervised.signal(signal.SIGTERM)
    supervised.ended()
    assert not folder.exists()


def test_every_line_of_a_service_carries_its_name(supervised: Rig) -> None:
    supervised.service("recorder", "speaks")
    supervised.start()
    supervised.wait(lambda: "recorder exited with 0" in supervised.output())
    lines = [line for line in supervised.output().splitlines() if line.startswith("recorder | ")]
    assert lines[:2] == ["recorder | whole line", "recorder | to stderr"]
    long = "".join(line.removeprefix("recorder | ") for line in lines[2:])
    assert long.startswith("x" * 20_000 + "without end")


def test_only_the_service_itself_is_believed_when_it_says_ready(supervised: Rig) -> None:
    supervised.service("recorder", "others-tell", "watchdog", ready_s=1.0)
    supervised.start()
    supervised.wait(lambda: "not ready after 1 s" in supervised.output())
    assert "recorder is ready" not in supervised.output()
