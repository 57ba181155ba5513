from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from controller.core.event import EventType

if TYPE_CHECKING:
    from conftest import Rig


def test_room_is_told(rig: Rig) -> None:
    assert "16.0 GB of 32.0 GB free" in rig.look("disk").fine


def test_little_room_is_a_hint_and_none_a_fault(rig: Rig) -> None:
    rig.machine.disk = replace(rig.machine.disk, free=1_000_000_000)
    assert "little room" in rig.look("disk").hints
    rig.machine.disk = replace(rig.machine.disk, free=1_000_000)
    assert "is full: 1 MB" in rig.look("disk").faults


def test_a_disk_that_can_only_be_read(rig: Rig) -> None:
    rig.machine.disk = replace(rig.machine.disk, read_only=True)

    assert "can only be read" in rig.look("disk").faults


def test_a_file_system_that_found_errors(rig: Rig) -> None:
    rig.machine.has("sys/devices/mmc/mmcblk0/mmcblk0p2/stat")
    rig.machine.link("sys/dev/block/179:2", "sys/devices/mmc/mmcblk0/mmcblk0p2")
    rig.machine.has("sys/fs/ext4/mmcblk0p2/errors_count", "3")

    assert "(mmcblk0p2) has found 3 errors" in rig.look("disk").faults


def test_the_room_that_is_kept_is_used_up(rig: Rig) -> None:
    rig.paths.reserve("door").parent.mkdir(parents=True)
    rig.paths.reserve("door").touch()

    assert "the room kept for the records of door is used up" in rig.look("disk").faults


def test_the_door_cannot_write(rig: Rig) -> None:
    rig.door_runs(journal=False)

    assert "the door cannot write its journal" in rig.look("disk").faults


def test_a_disk_that_stalls_lets_grants_wait_in_vain(rig: Rig) -> None:
    rig.happened("door", EventType.ACCESS_OUTCOME, "front", 90_000, reason="journal_unavailable")
    rig.happened("door", EventType.ACCESS_OUTCOME, "front", 60, reason="busy")
    assert "in time" not in rig.look("disk").hints
    rig.happened("door", EventType.ACCESS_OUTCOME, "front", 60, reason="journal_unavailable")
    assert "could not write its journal in time 1 time" in rig.look("disk").hints


def test_the_recorder_says_that_the_disk_is_full(rig: Rig) -> None:
    rig.happened("recorder", EventType.STORAGE_FULL, "recorder")
    assert "the footage disk is full" in rig.look("disk").faults
    rig.happened("recorder", EventType.STORAGE_FREED, "recorder")
    rig.happened("recorder", EventType.STORAGE_FORECAST, "recorder", days_left=3)
    assert "full in 3 days" in rig.look("disk").hints


def test_footage_that_should_be_gone(rig: Rig) -> None:
    rig.happened("recorder", EventType.RETENTION_OVERDUE, "recorder", category="footage", count=7)

    assert "7 recorded files should have been destroyed" in rig.look("disk").faults
