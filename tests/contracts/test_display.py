"""What controller.devices says of a display, asked of every sort there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.core.outcome import IDLE, TEXTS, Outcome, text
from controller.devices import Display
from drivers.serial_display import SerialDisplay
from simulator.text_display import TextDisplay
from simulator.waiting import wait_until

LONG_S = 30
LIMIT_S = 30
LEFT = TEXTS[Outcome.OUT_OF_ORDER]


def esc_pos(path: Path) -> Display:
    return SerialDisplay(str(path), columns=16, idle=TEXTS[IDLE], left=LEFT)


def lines(path: Path) -> Display:
    return SerialDisplay(str(path), protocol="lines", idle=TEXTS[IDLE], left=LEFT)


@pytest.fixture(params=[esc_pos, lines])
def sort(request: pytest.FixtureRequest) -> Callable[[Path], Display]:
    made: Callable[[Path], Display] = request.param
    return made


@pytest.fixture
def screen(tmp_path: Path, sort: Callable[[Path], Display]) -> Iterator[TextDisplay]:
    scrolls = sort is lines
    with TextDisplay(tmp_path / "display", 40 if scrolls else 16, scrolls=scrolls) as screen:
        yield screen


@pytest.fixture
def display(tmp_path: Path, screen: TextDisplay, sort: Callable[[Path], Display]) -> Iterator[Display]:
    display = sort(tmp_path / "display")
    screen.wait_for(*TEXTS[IDLE])
    yield display
    display.close()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_shows_its_text(display: Display, screen: TextDisplay, outcome: Outcome) -> None:
    display.show(text(outcome), LONG_S)
    screen.wait_for(*text(outcome))


def test_a_text_is_over_after_its_time(display: Display, screen: TextDisplay) -> None:
    screen.forget()
    display.show(("Welcome",), 0.1)
    screen.wait_for(*TEXTS[IDLE])


def test_a_new_text_replaces_the_old(display: Display, screen: TextDisplay) -> None:
    for name in TEXTS:
        display.show(TEXTS[name], LONG_S)
    screen.wait_for(*list(TEXTS.values())[-1])


def test_a_display_that_is_gone_is_lost_and_takes_texts_all_the_same(
    display: Display, screen: TextDisplay
) -> None:
    assert not display.lost
    screen.unplug()
    display.show(("Welcome",), LONG_S)
    wait_until(lambda: display.lost, LIMIT_S)
    display.show(("Welcome again",), LONG_S)


def test_closing_leaves_a_last_text_and_never_raises(display: Display, screen: TextDisplay) -> None:
    display.close()
    screen.wait_for(*LEFT)
    screen.unplug()
    display.close()
