"""The units as systemd has them while they run: how exposed, who, and what they are kept from."""

from __future__ import annotations

import pytest

from tests.package.branch import SERVICES, Branch

EXPOSURE = {"door": 10, "membership": 20, "recorder": 20, "console": 20, "uplink": 20}
"""What `systemd-analyze security` counts at most, times ten, of the units with all their drop-ins."""
FIFO = 1
"""SCHED_FIFO, in /proc."""


@pytest.mark.parametrize("service", EXPOSURE)
def test_a_running_unit_is_exposed_to_no_more_than_it_may_be(branch: Branch, service: str) -> None:
    branch.machine.run(
        f"systemd-analyze security --no-pager --threshold={EXPOSURE[service]} unlocked-{service}.service"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_running_service_has_no_privilege_left(branch: Branch, service: str) -> None:
    status = status_of(branch, service)
    assert status["CapEff"] == status["CapPrm"] == status["CapBnd"] == "0" * 16
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert "0" not in status["Uid"].split()
    assert "0" not in status["Groups"].split()


def status_of(branch: Branch, service: str) -> dict[str, str]:
    said = branch.machine.run(f"cat /proc/{branch.property(service, 'MainPID')}/status")
    pairs = (line.partition(":") for line in said.splitlines())
    return {key: value.strip() for key, _, value in pairs}


def test_the_door_goes_before_all_others_and_has_no_network(branch: Branch) -> None:
    pid = branch.property("door", "MainPID")
    stat = branch.machine.run(f"cat /proc/{pid}/stat").rpartition(")")[2].split()
    assert int(stat[38]) == FIFO
    assert branch.machine.run(f"nsenter -t {pid} -n ls /sys/class/net").split() == ["lo"]


def test_the_uplink_sees_no_footage(branch: Branch) -> None:
    pid, folder = branch.property("uplink", "MainPID"), "/var/lib/unlocked/footage"
    assert branch.machine.run(f"nsenter -t {pid} -m stat -c %a {folder}").strip() == "0"
    assert branch.machine.run(f"stat -c %a {folder}").strip() == "2750"


def test_a_service_writes_in_its_own_folders_alone(branch: Branch) -> None:
    for service in SERVICES:
        pid = branch.property(service, "MainPID")
        mounts = branch.machine.run(f"cat /proc/{pid}/mounts").splitlines()
        writable = {
            fields[1]
            for fields in map(str.split, mounts)
            if "rw" in fields[3].split(",") and fields[1].startswith("/var")
        }
        assert all(folder.startswith(("/var/lib/unlocked/", "/var/tmp")) for folder in writable), writable
