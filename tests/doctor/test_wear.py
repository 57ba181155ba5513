from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from controller.doctor.finding import State
from controller.doctor.machine import Answer

if TYPE_CHECKING:
    from conftest import Rig


def disk(rig: Rig, disk: str, partition: str) -> None:
    rig.machine.has(f"sys/devices/{disk}/{partition}/partition", "2")
    rig.machine.link("sys/dev/block/179:2", f"sys/devices/{disk}/{partition}")
    rig.machine.link(f"sys/class/block/{partition}", f"sys/devices/{disk}/{partition}")
    rig.machine.link(f"sys/class/block/{disk}", f"sys/devices/{disk}")


def test_a_memory_card_does_not_tell(rig: Rig) -> None:
    disk(rig, "mmcblk0", "mmcblk0p2")
    rig.machine.has("sys/devices/mmcblk0/device/type", "SD\n")

    assert "memory card (mmcblk0)" in rig.look("wear").hints


@pytest.mark.parametrize(
    ("life", "state", "says"),
    [
        ("0x01 0x02", State.OK, "20 % worn"),
        ("0x09 0x02", State.HINT, "is worn: 90 %"),
        ("0x0b 0x02", State.FAULT, "is worn out: 110 %"),
        ("0x00 0x00", State.UNKNOWN, "does not tell"),
    ],
)
def test_built_in_flash_tells_its_life(rig: Rig, life: str, state: State, says: str) -> None:
    disk(rig, "mmcblk0", "mmcblk0p2")
    rig.machine.has("sys/devices/mmcblk0/device/type", "MMC")
    rig.machine.has("sys/devices/mmcblk0/device/life_time", life)

    assert says in rig.look("wear").said(state)


@pytest.mark.parametrize(
    ("said", "state", "says"),
    [
        ({"smart_status": {"passed": False}}, State.FAULT, "fails (SMART)"),
        ({"smart_status": {"passed": True}}, State.OK, "no fault"),
        ({"nvme_smart_health_information_log": {"percentage_used": 85}}, State.HINT, "85 %"),
        ([], State.UNKNOWN, "does not tell"),
    ],
)
def test_an_ssd_is_asked_through_smartctl(rig: Rig, said: object, state: State, says: str) -> None:
    disk(rig, "sda", "sda1")
    rig.machine.says["smartctl"] = Answer(0, json.dumps(said))

    assert says in rig.look("wear").said(state)


def test_without_smartctl_that_is_said(rig: Rig) -> None:
    disk(rig, "sda", "sda1")

    assert "install smartmontools" in rig.look("wear").unknown


def test_what_is_written_in_a_day_is_told(rig: Rig) -> None:
    disk(rig, "sda", "sda1")
    rig.machine.has("sys/devices/sda/sda1/stat", "1 1 1 1 1 1 39062500 1 1 1 1")  # 20 GB
    rig.up_for(48 * 3600)

    assert "10.0 GB a day" in rig.look("wear").fine
