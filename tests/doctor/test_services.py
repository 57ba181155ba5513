from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING

from controller.core.event import EventType
from controller.doctor.machine import Machine, Process

if TYPE_CHECKING:
    from conftest import Rig


def test_a_service_without_a_process_does_not_run(rig: Rig) -> None:
    assert "uplink does not run" in rig.look("services").faults


def test_where_the_branch_was_decommissioned_that_is_why(rig: Rig) -> None:
    rig.happened("console", EventType.BRANCH_DECOMMISSION_STARTED, "controller", 60)
    assert "began to be decommissioned" in rig.look("services").faults


def test_an_uplink_that_has_nothing_to_do_is_in_order(rig: Rig) -> None:
    rig.edit("[mqtt]", "[mqtt]\nenabled = false")
    found = rig.look("services")

    assert "uplink has nothing to do" in found.fine
    assert "uplink" not in found.faults


def test_one_that_is_stopped_hangs(rig: Rig) -> None:
    rig.machine.open_by["uplink"] = [Process(17, "T")]

    assert "uplink hangs: its process (17) is stopped" in rig.look("services").faults


def test_a_door_that_does_not_answer_hangs(rig: Rig) -> None:
    rig.machine.open_by["door"] = [Process(17, "S")]
    assert "door hangs: its process (17) is there, and it does not answer" in rig.look("services").faults
    rig.door_runs()
    assert "door runs" in rig.look("services").fine


def test_so_does_a_recorder_without_a_sign_of_life(rig: Rig) -> None:
    rig.machine.open_by["recorder"] = [Process(17, "S")]
    alive = rig.paths.recorder_alive
    alive.parent.mkdir(parents=True)
    alive.touch()
    os.utime(alive, (0, rig.now.wall_us // 1_000_000 - 200))

    assert "no sign of life for 200 s" in rig.look("services").faults


def test_and_a_console_whose_pages_do_not_answer(rig: Rig) -> None:
    rig.machine.open_by["console"] = [Process(17, "S")]
    rig.machine.refuses["127.0.0.1", 8080] = "nothing answers there"

    assert "its pages do not answer at 127.0.0.1:8080" in rig.look("services").faults


def test_who_may_not_look_is_told_so(rig: Rig) -> None:
    rig.machine.root_user = False

    assert "uplink: whether it runs may not be looked at → run it as root" in rig.look("services").unknown


def test_a_service_that_was_killed_has_begun_twice_without_an_end(rig: Rig) -> None:
    for ago_s in (500, 400):
        rig.happened("uplink", EventType.SERVICE_STARTED, "uplink", ago_s)
    assert "uplink was killed or crashed 1 time in a day" in rig.look("services").hints
    for ago_s in (300, 200):
        rig.happened("uplink", EventType.SERVICE_STARTED, "uplink", ago_s)
    assert "uplink was killed or crashed 3 times in a day" in rig.look("services").faults


def test_in_another_boot_it_was_a_power_cut(rig: Rig) -> None:
    rig.happened("door", EventType.SERVICE_STARTED, "controller", 500, boot="one", doors={})
    rig.happened("door", EventType.SERVICE_STARTED, "controller", 400, boot="two", doors={})
    found = rig.look("services")

    assert "the power was cut, or the machine hung, 1 time in a day" in found.hints
    assert "crashed" not in found.hints


def test_an_orderly_end_is_none_in_disorder(rig: Rig) -> None:
    rig.happened("uplink", EventType.SERVICE_STARTED, "uplink", 500)
    rig.happened("uplink", EventType.SERVICE_STOPPED, "uplink", 450)
    rig.happened("uplink", EventType.SERVICE_STARTED, "uplink", 400)

    assert "crashed" not in rig.look("services").hints


def test_the_real_machine_finds_who_may_write_a_file(tmp_path: Path) -> None:
    machine, written, read = Machine(), tmp_path / "written", tmp_path / "read"
    written.touch()
    read.touch()
    # The words of its command line make it a service's.
    words = (
        "-c",
        "import sys; a = open(sys.argv[2], 'a'); b = open(sys.argv[3]); sys.stdin.read()",
        "controller",
    )
    holder = Popen([sys.executable, *words, written, read], stdin=PIPE)
    try:
        limit = time.monotonic() + 20
        while not machine.writers([written])[written] and time.monotonic() < limit:
            time.sleep(0.02)
        found = machine.writers([written, read])
        assert [one.pid for one in found[written] or ()] == [holder.pid]
        assert found[read] == []
    finally:
        holder.communicate(b"")
