"""The example of a firewall, in network namespaces of the test's own: a Pi, staff, and the public's Wi-Fi."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "systemd" / "nftables.conf.example"
SERVICES = ("door", "recorder", "membership", "uplink", "console", "backup")
UIDS = {f"unlocked-{service}": 64_100 + number for number, service in enumerate(SERVICES)}
PROGRAM = Path(__file__).parent / "programs" / "firewall.py"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes networks")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Who reaches whom, as a program says that has a network of its own to try it in."""
    rules = EXAMPLE.read_text()
    for name, uid in UIDS.items():
        assert f'"{name}"' in rules, "a service without a rule"
        rules = rules.replace(f'"{name}"', str(uid))  # no such users are on this machine
    file = tmp_path_factory.mktemp("firewall") / "rules.nft"
    file.write_text(rules)
    ended = subprocess.run(
        ["unshare", "--net", "--mount", "--fork", "--kill-child", sys.executable, str(PROGRAM), str(file)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(line.split(": ") for line in ended.stdout.splitlines())


def test_the_way_there_is_open_without_rules(seen: dict[str, str]) -> None:
    assert seen["nobody has rules yet"] == "reached", "what is closed below is closed by the rules"


def test_staff_reach_pages_and_shell_and_nobody_else_reaches_anything(seen: dict[str, str]) -> None:
    into = {way: said for way, said in seen.items() if way.split()[1] == "pi" and way != "pi pi 8080"}
    assert len(into) == 24
    assert {way for way, said in into.items() if said == "reached"} == {
        "staff pi 22",
        "staff pi 80",
        "staff pi 443",
    }
    assert {said for said in into.values() if said != "reached"} == {"silence"}


def test_what_is_on_the_machine_itself_is_reached_there(seen: dict[str, str]) -> None:
    assert seen["pi pi 8080"] == "reached"


def test_each_service_reaches_what_it_is_for_and_no_more(seen: dict[str, str]) -> None:
    out = {way: said for way, said in seen.items() if way.split()[0] in SERVICES}
    assert len(out) == 42
    assert {way for way, said in out.items() if said == "reached"} == {
        "recorder camera 554",
        "uplink broker 8883",
        "membership lms 443",
        "membership lms 6001",
        "backup backups 22",
    }
    assert {said for said in out.values() if said != "reached"} == {"refused"}
    assert seen["root public 443"] == "reached", "the machine itself fetches its updates"
