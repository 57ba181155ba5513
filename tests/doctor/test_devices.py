"""Readers, pins and cameras."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from controller.core.event import EventType

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rig


@pytest.fixture
def port(rig: Rig, tmp_path: Path) -> Path:
    """The reader's port is there."""
    port = tmp_path / "reader"
    port.touch()
    rig.edit(str(rig.context.settings.doors[0].readers[0].port), str(port))
    return port


# --- readers -----------------------------------------------------------------------------------------


def test_a_reader_whose_port_is_not_there(rig: Rig, port: Path) -> None:
    port.unlink()

    assert f"reader in of door front: {port} is not there" in rig.look("reader").faults


@pytest.mark.usefixtures("port")
def test_a_reader_that_the_door_does_not_hear(rig: Rig) -> None:
    rig.door_runs(reader=False)

    assert "reader in of door front: it does not answer" in rig.look("reader").faults


@pytest.mark.usefixtures("port")
def test_a_reader_that_babbles_and_one_that_is_silent(rig: Rig) -> None:
    rig.door_runs()
    assert "the door listens to it" in rig.look("reader").fine
    rig.happened("door", EventType.READER_SILENT, "front", reader="in")
    assert "no card was read for long" in rig.look("reader").hints
    rig.happened("door", EventType.READER_BABBLING, "front", reader="in")
    assert "noise without end" in rig.look("reader").faults


@pytest.mark.usefixtures("port")
def test_while_the_door_is_silent_nothing_is_known_of_it(rig: Rig) -> None:
    assert "not known, since the door does not answer" in rig.look("reader").unknown


# --- pins --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "data", "says"),
    [
        (EventType.LOCK_FAULT_STARTED, {"fault": "jammed"}, "the bolt does not move when it is released"),
        (EventType.TAMPER_STARTED, {}, "a housing is open"),
        (EventType.HELP_REQUESTED, {}, "somebody asks for help"),
        (EventType.DOOR_FORCED, {}, "forced open, or its contact is cut"),
        (EventType.DOOR_HELD, {}, "open for too long, or its contact does not close"),
        (
            EventType.LOCKDOWN_STARTED,
            {},
            "nobody is let in (lockdown) → `unlocked door end-lockdown` ends it",
        ),
        (EventType.FIRE_STARTED, {}, "nobody is let in (fire) → see the fire panel"),
    ],
)
def test_what_is_the_matter_at_a_door(rig: Rig, type_: EventType, data: dict[str, str], says: str) -> None:
    rig.door_runs()
    assert not rig.look("pins").faults
    rig.happened("door", type_, "front", **data)

    assert says in rig.look("pins").faults


def test_a_door_that_is_released_and_never_opens(rig: Rig) -> None:
    rig.door_runs()
    rig.happened("door", EventType.DOOR_OPENED, "front")
    rig.happened("door", EventType.DOOR_CLOSED, "front")
    for _ in range(3):
        assert "never seen to open" not in rig.look("pins").hints
        rig.happened("door", EventType.DOOR_UNUSED, "front")

    assert "released 3 times in a row, and never seen to open" in rig.look("pins").hints


def test_an_output_that_could_not_be_driven_until_it_is(rig: Rig) -> None:
    rig.door_runs()
    rig.happened("door", EventType.OUTPUT_FAULT, "controller", output="lights", why="hours")
    assert "output lights cannot be driven" in rig.look("pins").hints
    rig.happened("door", EventType.OUTPUT_ON, "controller", output="lights", why="hours")
    assert "lights" not in rig.look("pins").hints


def test_a_raspberry_pi_without_pins(rig: Rig) -> None:
    rig.machine.has("proc/device-tree/model", "Raspberry Pi 5 Model B")

    assert "there is no /dev/gpiochip" in rig.look("pins").faults


# --- cameras -----------------------------------------------------------------------------------------


def camera(rig: Rig) -> tuple[str, tuple[str, int]]:
    first = rig.context.settings.cameras[0]
    return first.id, (first.url.split("/")[2].split(":")[0], 554)


def test_a_camera_that_is_recorded(rig: Rig) -> None:
    rig.happened("recorder", EventType.SERVICE_STARTED, "recorder")
    rig.happened("recorder", EventType.CAMERA_FOUND, camera(rig)[0])

    assert "sends pictures, and is recorded" in rig.look("camera").fine


def test_a_camera_that_is_lost_and_why(rig: Rig) -> None:
    name, where = camera(rig)
    rig.happened("recorder", EventType.SERVICE_STARTED, "recorder")
    rig.happened("recorder", EventType.CAMERA_LOST, name, cause="unreachable")
    assert "although" in rig.look("camera").faults
    rig.machine.refuses[where] = "no route to host"
    assert f"camera {name}: no pictures: {where[0]}:554: no route to host" in rig.look("camera").faults


def test_a_camera_that_is_covered(rig: Rig) -> None:
    rig.happened("recorder", EventType.CAMERA_FAULT_STARTED, camera(rig)[0], fault="covered")

    assert "covered, blinded or out of focus" in rig.look("camera").faults


def test_without_a_recorder_nothing_is_known(rig: Rig) -> None:
    assert "the recorder does not run" in rig.look("camera").unknown


def test_policy_forbids_all_of_them(rig: Rig) -> None:
    rig.happened("recorder", EventType.SERVICE_STARTED, "recorder")
    rig.happened("recorder", EventType.RECORDING_STOPPED, "recorder", cause="policy")

    assert "policy or privacy notice forbid it" in rig.look("camera").faults
