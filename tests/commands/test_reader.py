"""``unlocked reader watch`` at a pseudo-terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from controller.commands.main import main
from controller.commands.reader_formats import masked
from drivers.serial_reader import SerialReader
from simulator.serial_wire import SerialWire


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[SerialWire]:
    with SerialWire(tmp_path / "reader") as wire:
        yield wire


class Watch:
    """``unlocked reader watch`` as a process."""

    def __init__(self, wire: SerialWire, *options: str) -> None:
        arguments = [
            sys.executable,
            "-m",
            "controller",
            "reader",
            "watch",
            "--port",
            str(wire.path),
            *options,
        ]
        self.process = subprocess.Popen(
            arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )

    def until(self, pattern: str) -> str:
        """What is said up to the line with ``pattern``. The test's time limit bounds the wait."""
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if re.search(pattern, line):
                return said
        raise AssertionError(f"it ended without {pattern!r}:\n{said}")

    def interrupt(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=20)
        return self.process.returncode, rest


@pytest.fixture
def watch(wire: SerialWire, tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(wire, "--config", str(tmp_path / "none.toml"))
    try:
        yield watch
    finally:
        watch.process.kill()
        watch.process.communicate()


LAST = "wiegand-37 facility"


def test_it_shows_what_each_format_takes_a_card_for_and_no_digit_of_it(
    watch: Watch, wire: SerialWire
) -> None:
    watch.until("Listening")
    wire.swipe("25891000331441")
    seen = watch.until(LAST)
    assert "15 bytes: 99999999999999<CR>" in seen
    lines = {line[2:32].strip(): line[32:] for line in seen.splitlines() if line.startswith("  ")}
    assert lines["line"] == "a card number of 14 characters  <- as set"
    assert lines["aba"].startswith("no card: without the beginning")
    assert lines["rdm6300"].startswith("no card")
    wire.send(b"\x02100086F44426\x03")
    tag = watch.until(LAST)
    assert "14 bytes: <STX>999999A99999<ETX>" in tag
    assert re.search(r"rdm6300 +text of 10 characters, but no card of \[cards\]", tag)
    wire.send(b";25891000331441=9912?8")
    assert re.search(r"aba +no card: with a checksum", watch.until(LAST))
    wire.send(b";25891000331441=9912?\r\n")
    assert re.search(r"aba +a card number of 14 characters", watch.until(LAST))
    code, rest = watch.interrupt()
    assert code == 0
    for number in ("25891000331441", "8844356", "86F444"):
        assert number not in seen + tag + rest


@pytest.mark.parametrize(("sent", "keypad"), [(b"7\r\n", "4-bit"), (b"87\r\n", "8-bit")])
def test_a_key_is_told_from_a_card_and_not_which(wire: SerialWire, sent: bytes, keypad: str) -> None:
    watch = Watch(wire, "--config", "/nowhere/branch.toml")
    watch.until("Listening")
    wire.send(sent)
    said = watch.until("wiegand-37 facility")
    watch.interrupt()
    assert said.count(f'a key of the keypad, keypad = "{keypad}"') == 15
    assert "7<CR>" not in said


def test_the_format_of_the_settings_is_marked(config: Path, wire: SerialWire) -> None:
    config.write_text(
        config.read_text()
        .replace("#min_length = 14\n#max_length = 14", "min_length = 10\nmax_length = 10")
        .replace('#format = "line"', 'format = "wiegand-26"')
        .replace('#wiegand_text = "hex"', 'wiegand_text = "hex-parity"')
    )
    watch = Watch(wire)
    try:
        watch.until("Listening")
        wire.send(b"30DE888\r")
        seen = watch.until(LAST)
        (marked,) = (line for line in seen.splitlines() if "as set" in line)
        assert re.search(r"wiegand-26 hex-parity +a card number of 10 characters", marked)
        assert watch.interrupt()[0] == 0
    finally:
        watch.process.kill()
        watch.process.communicate()


def test_a_line_that_the_door_has_open_is_said_so(wire: SerialWire, tmp_path: Path) -> None:
    door = SerialReader(str(wire.path), 9600)
    try:
        arguments = ["reader", "watch", "--port", str(wire.path), "-c", str(tmp_path / "none.toml")]
        result = CliRunner().invoke(main, arguments)
    finally:
        door.close()
    assert result.exit_code == 1
    assert "is in use, most likely by the door" in result.output
    assert "systemctl stop unlocked-door" in result.output


def test_a_reader_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    arguments = ["reader", "watch", "--port", str(tmp_path / "none"), "-c", str(tmp_path / "none.toml")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "Error: reader:" in result.output


def test_without_settings_and_port_the_settings_are_asked_for(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["reader", "watch", "-c", str(tmp_path / "none.toml")])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"25891000331441\r\n", "99999999999999<CR><LF>"),
        (b"AA25891000331441\r", "AA99999999999999<CR>"),
        (b"]C125891000331441\r", "]C999999999999999<CR>"),
        (b"A25891000331441B\r", "A99999999999999A<CR>"),
        (b"ABCDEF1234\r", "AAAAAA9999<CR>"),
        (b"\x02FE0086444426\x03", "<STX>AA9999999999<ETX>"),
        (b"F44426\r", "A99999<CR>"),
        (b"%B25891000331441^SMITH/Jo?\r", "%A99999999999999^AAAAA/Aa?<CR>"),
        (b"\xb2\x7f\x07 ", "<above 7F><control><control><SP>"),
    ],
)
def test_the_mask_keeps_the_shape_and_no_card(sent: bytes, shown: str) -> None:
    assert masked(sent) == shown
