"""What is said of a branch follows from its settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.console.help.sheet import dialled, told, ways_out
from controller.core.outcome import Outcome
from controller.core.signs import SIGNS
from controller.settings.load import load
from controller.settings.model import Settings

LEAST = """
[branch]
authority = "example"
branch = "desk"
name = "The desk"
[[doors]]
id = "front"
[[doors.readers]]
port = "/dev/ttyACM0"
{reader}
[doors.lock]
pin = 17
{lock}
{door}
"""


def settings(folder: Path, *, lock: str = "", reader: str = "", door: str = "") -> Settings:
    file = folder / "branch.toml"
    file.write_text(LEAST.format(lock=lock, reader=reader, door=door))
    return load(file)


def outcomes(of: Settings) -> set[Outcome]:
    names = {sign: outcome for outcome, sign in SIGNS.items()}
    return {names[one.sign] for one in told(of)}


def test_the_exit_button_comes_first(tmp_path: Path) -> None:
    (front,) = ways_out(settings(tmp_path, door="[doors.exit_button]\npin = 22\n"))
    assert front.door == "front"
    assert front.ways[0].startswith(
        "Press the exit button beside the door, and open the door within 10 seconds."
    )


@pytest.mark.parametrize(
    ("kind", "said"), [("fail-safe", "needs power to hold"), ("fail-secure", "handle inside")]
)
def test_what_the_lock_does_without_power(tmp_path: Path, kind: str, said: str) -> None:
    (front,) = ways_out(settings(tmp_path, lock=f'kind = "{kind}"'))
    assert [said in way for way in front.ways] == [True]


def test_a_reader_for_leaving_is_a_way_out(tmp_path: Path) -> None:
    (front,) = ways_out(settings(tmp_path, reader='side = "out"'))
    assert "reader for leaving" in front.ways[-1]


def test_what_cannot_happen_here_is_not_explained(tmp_path: Path) -> None:
    rare = {Outcome.GOODBYE, Outcome.PIN_WANTED, Outcome.CHECKING, Outcome.CLOSE_THE_DOOR, Outcome.DOOR_ALARM}
    rare |= {Outcome.HELP_ASKED}
    assert outcomes(settings(tmp_path)) == set(Outcome) - rare
    parts = "[doors.contact]\npin = 27\n[doors.help]\npin = 23\n"
    assert outcomes(settings(tmp_path, door=parts, reader='side = "out"')) >= {
        Outcome.GOODBYE,
        Outcome.DOOR_ALARM,
        Outcome.HELP_ASKED,
    }


def test_the_display_says_what_it_is_set_to_say(tmp_path: Path) -> None:
    assert {one.text for one in told(settings(tmp_path))} == {()}
    display = '[doors.readers.display]\nport = "/dev/ttyUSB1"\n'
    own = settings(tmp_path, reader=display, door='[texts]\ngranted = ["Croeso"]\n')
    assert ("Croeso",) in {one.text for one in told(own)}


def test_a_number_is_dialled_without_its_gaps() -> None:
    assert dialled("+44 (0)1234 567 890") == "+441234567890"
    assert dialled("(01234) 567-890") == "01234567890"
