"""A battery that is about to be empty has the machine stopped in order: once, and for no less than that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from controller.core.alarms import Alarm
from controller.core.event import EventType, JsonValue
from controller.door.power_stop import PowerStop, ask_for_power_off
from controller.settings.inputs import Inputs

LOW, MAINS = Alarm.BATTERY_LOW, Alarm.MAINS_LOST
S = 1_000_000


class Told:
    def __init__(self, **inputs: object) -> None:
        self.said: list[str] = []
        settings = Inputs.model_validate(inputs)
        self.stop = PowerStop(settings, self.write, lambda: self.say("ask"), lambda: self.say("tell"))

    def write(self, type_: EventType, _data: Mapping[str, JsonValue]) -> None:
        self.say(type_.value)

    def say(self, what: str) -> None:
        self.said.append(what)


WIRED = {"battery_low": {"pin": 2, "stop_after_s": 30}, "mains_lost": {"pin": 3}}
ALL = ["power.stopping", "tell", "ask"]


def test_it_is_journalled_told_and_asked_for_in_this_order_and_once() -> None:
    told = Told(**WIRED)
    told.stop.look({LOW, MAINS}, 100 * S)
    assert told.stop.due_us == 130 * S
    told.stop.look({LOW, MAINS}, 129 * S)
    assert told.said == []
    told.stop.look({LOW, MAINS}, 130 * S)
    assert told.said == ALL
    told.stop.look(set(), 131 * S)
    told.stop.look({LOW, MAINS}, 200 * S)
    assert told.said == ALL
    assert told.stop.due_us is None


def test_mains_that_come_back_call_it_off() -> None:
    told = Told(**WIRED)
    told.stop.look({LOW, MAINS}, 100 * S)
    told.stop.look({LOW}, 110 * S)
    told.stop.look({LOW, MAINS}, 120 * S)
    told.stop.look({LOW, MAINS}, 149 * S)
    assert told.said == []


def test_where_the_mains_are_not_wired_the_battery_alone_counts() -> None:
    told = Told(battery_low={"pin": 2, "stop_after_s": 0})
    told.stop.look({LOW}, 100 * S)
    assert told.said == ALL


@pytest.mark.parametrize("inputs", [{}, {"battery_low": {"pin": 2}}], ids=["not wired", "not set"])
def test_nothing_is_asked_for_unless_it_is_set(inputs: dict[str, object]) -> None:
    told = Told(**inputs)
    told.stop.look({LOW, MAINS}, 100 * S)
    told.stop.look({LOW, MAINS}, 10_000 * S)
    assert (told.said, told.stop.due_us) == ([], None)


def test_asking_is_a_file_that_systemd_waits_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ask_for_power_off(tmp_path / "power-off")
    assert (tmp_path / "power-off").exists()
    ask_for_power_off(tmp_path / "nowhere" / "power-off")
    assert "cannot be stopped" in caplog.text


def test_the_file_is_the_one_that_the_unit_names() -> None:
    unit = (Path(__file__).parents[2] / "systemd" / "unlocked-power-off.path").read_text()
    assert "PathExists=/run/unlocked/door/power-off\nUnit=poweroff.target\n" in unit
