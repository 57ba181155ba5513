import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from drivers import serial_display
from drivers.serial_display import SerialDisplay, plain
from simulator.plug import Plug
from simulator.text_display import TextDisplay
from simulator.waiting import wait_until

LIMIT_S = 30
LONG_S = 30
IDLE = ("Hold your card", "to the reader")
Make = Callable[..., SerialDisplay]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[TextDisplay]:
    with TextDisplay(tmp_path / "display") as screen:
        yield screen


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[SerialDisplay] = []

    def make(**settings: object) -> SerialDisplay:
        made.append(SerialDisplay(str(tmp_path / "display"), **({"idle": IDLE} | settings)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for display in made:
        display.close()


def test_a_text_is_shown_and_then_the_idle_text_again(screen: TextDisplay, make: Make) -> None:
    display = make()
    screen.wait_for(*IDLE)
    screen.forget()
    display.show(("Welcome", "Please come in"), 0.2)
    screen.wait_for("Welcome", "Please come in")
    screen.wait_for(*IDLE)
    assert not display.lost


def test_a_new_text_replaces_the_old_at_once(screen: TextDisplay, make: Make) -> None:
    display = make()
    display.show(("Please wait",), LONG_S)
    screen.wait_for("Please wait")
    display.show(("Not valid here",), LONG_S)
    screen.wait_for("Not valid here")


def test_more_lines_than_there_are_rows_are_shown_in_turn(screen: TextDisplay, make: Make) -> None:
    make().show(("Welcome", "Please come in", "Croeso", "Dewch i mewn"), 0.4)
    screen.wait_for("Welcome", "Please come in")
    screen.wait_for("Croeso", "Dewch i mewn")
    screen.wait_for(*IDLE)


def test_what_is_told_again_does_not_flicker(screen: TextDisplay, make: Make, mocker: MockerFixture) -> None:
    put = mocker.spy(serial_display.serial.Serial, "write")
    display = make()
    display.show(("Card reader is", "out of order"), LONG_S)
    screen.wait_for("Card reader is", "out of order")
    writes = put.call_count
    for _ in range(3):
        display.show(("Card reader is", "out of order"), LONG_S)
    display.show(("Welcome",), LONG_S)
    screen.wait_for("Welcome")
    assert put.call_count == writes + 1


def test_what_does_not_fit_is_cut_off(screen: TextDisplay, make: Make) -> None:
    make().show(("abcdefghijklmnopqrstuvwxyz", "second"), LONG_S)
    screen.wait_for("abcdefghijklmnopqrst", "second")


def test_plain_lines_end_with_cr_and_lf(tmp_path: Path, make: Make) -> None:
    plug = Plug(tmp_path / "display")
    make(protocol="lines", idle=())
    assert _read(plug) == b"\r\n\r\n"
    plug.pull()


def test_a_form_feed_and_whole_lines_by_default(tmp_path: Path, make: Make) -> None:
    plug = Plug(tmp_path / "display")
    make(columns=16)
    assert _read(plug) == b"\x1b@\x0cHold your card  to the reader   "
    plug.pull()


def test_a_display_that_is_not_there_yet_is_found(tmp_path: Path, make: Make, mocker: MockerFixture) -> None:
    mocker.patch.object(serial_display, "PAGE_S", 0.05)
    display = make()
    wait_until(lambda: display.lost, LIMIT_S)
    with TextDisplay(tmp_path / "display") as screen:
        screen.wait_for(*IDLE)
        wait_until(lambda: not display.lost, LIMIT_S)


def test_one_that_was_unplugged_is_lost_and_found_again(
    screen: TextDisplay, make: Make, mocker: MockerFixture
) -> None:
    mocker.patch.object(serial_display, "PAGE_S", 0.05)
    display = make()
    screen.wait_for(*IDLE)
    screen.unplug()
    display.show(("Welcome",), 0.05)
    wait_until(lambda: display.lost, LIMIT_S)
    screen.forget()
    screen.plug()
    screen.wait_for(*IDLE)
    assert not display.lost


def test_one_that_lost_its_power_has_its_text_again(
    screen: TextDisplay, make: Make, mocker: MockerFixture
) -> None:
    mocker.patch.object(serial_display, "PAGE_S", 0.05)
    mocker.patch.object(serial_display, "REFRESH_S", 0.1)
    make()
    screen.wait_for(*IDLE)
    screen.forget()
    screen.wait_for(*IDLE)


def test_one_that_takes_nothing_delays_nobody(tmp_path: Path, make: Make, mocker: MockerFixture) -> None:
    mocker.patch.object(serial_display, "WRITE_S", 0.3)
    plug = Plug(tmp_path / "display")  # nobody reads at its far end
    display = make(columns=1000, rows=4)
    slowest_s = 0.0

    def tell() -> bool:
        nonlocal slowest_s
        began_s = time.monotonic()
        display.show((str(began_s),), LONG_S)
        slowest_s = max(slowest_s, time.monotonic() - began_s)
        return display.lost

    wait_until(tell, LIMIT_S)
    assert slowest_s < 0.2
    plug.pull()


def test_a_last_text_is_left_behind(screen: TextDisplay, make: Make) -> None:
    make(left=("Out of order",)).close()
    screen.wait_for("Out of order")


@pytest.mark.parametrize(
    ("line", "shown"),
    [("Croeso", "Croeso"), ("tŷ â dŵr", "ty a dwr"), ("£5", "?5"), ("a\x0cb\nc", "a?b?c"), ("½", "1?2")],
)
def test_displays_are_sent_ascii_only(line: str, shown: str) -> None:
    assert plain(line) == shown


def _read(plug: Plug) -> bytes:
    """The first screen that comes."""
    assert plug.far_end is not None
    came = b""
    limit_s = time.monotonic() + LIMIT_S
    while time.monotonic() < limit_s and not came.endswith((b"\r\n\r\n", b"reader   ")):
        try:
            came += os.read(plug.far_end, 100)
        except OSError:  # nothing has come, or nobody has the line open yet
            time.sleep(0.01)
    return came
