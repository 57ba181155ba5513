"""What is heard of a reader, and a broker that does not answer."""

from __future__ import annotations

from pathlib import Path

from controller.commands.setup.trying import broker
from controller.commands.setup.trying.reader import heard, ports, understood_by_all
from controller.settings.model import Branch
from controller.settings.mqtt import Mqtt
from simulator.broker import free_port


def test_the_format_is_what_understands_every_swipe() -> None:
    swipes = [heard(b"25891000331441\r\n"), heard(b"25891000331458\r\n")]
    assert list(understood_by_all(swipes)) == ["line"]
    assert understood_by_all(swipes)["line"][1] == 14
    assert understood_by_all([*swipes, heard(b"\x02FE0086444426\x03")]) == {}
    assert understood_by_all([]) == {}


def test_what_is_heard_holds_no_card() -> None:
    assert "2589" not in repr(heard(b"25891000331441\r\n"))


def test_the_lines_that_are_plugged_in_have_names_that_stay(tmp_path: Path) -> None:
    (tmp_path / "usb-b").touch()
    (tmp_path / "usb-a").touch()
    assert [port.name for port in ports(tmp_path)] == ["usb-a", "usb-b"]
    assert ports(tmp_path / "none") == []


def test_a_broker_that_is_not_there_is_said_so() -> None:
    branch = Branch(authority="testshire", branch="market-street", name="Market Street")
    fault = broker.fault_of(Mqtt(host="127.0.0.1", port=free_port()), branch)
    assert fault is not None
    assert "refused" in fault.lower()
