"""Patterns of lamps and buzzer as an OSDP reader plays them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest

from controller.devices import SignalStep
from controller.door.signals import STEPS, Steps
from drivers.osdp_signal import Blink, Colour, Due, Tones, plan

T = TypeVar("T")


def step(duration_s: float, *, green: bool = False, red: bool = False, buzzer: bool = False) -> SignalStep:
    return SignalStep(green=green, red=red, buzzer=buzzer, duration_s=duration_s)


def test_steady_light_and_one_tone() -> None:
    assert plan((step(0.4, green=True, buzzer=True), step(3.0, green=True))) == [
        Due(0.0, Blink(Colour.GREEN, 34, Colour.GREEN, 0, 34)),
        Due(0.0, Tones(4, 1, 1)),
    ]


def test_a_blink_and_a_row_of_tones_are_a_command_each() -> None:
    steps = (step(0.6, red=True, buzzer=True), step(0.4)) * 2
    assert plan(steps) == [Due(0.0, Blink(Colour.RED, 6, Colour.DARK, 4, 20)), Due(0.0, Tones(6, 4, 2))]


def test_both_lamps_are_amber() -> None:
    assert plan((step(1.0, green=True, red=True),)) == [
        Due(0.0, Blink(Colour.AMBER, 10, Colour.AMBER, 0, 10))
    ]


def test_what_is_no_plain_blink_is_told_piece_by_piece() -> None:
    steps = (
        step(0.5, red=True),
        step(0.5, green=True),
        step(1.0, green=True, red=True),
        step(0.5, buzzer=True),
    )
    assert plan(steps) == [
        Due(0.0, Blink(Colour.RED, 5, Colour.GREEN, 5, 10)),
        Due(1.0, Blink(Colour.AMBER, 10, Colour.DARK, 5, 15)),
        Due(2.0, Tones(5, 1, 1)),
    ]


def test_nothing_to_play_is_nothing() -> None:
    assert plan(()) == []
    assert plan((step(1.0),)) == []


def test_times_stay_within_a_byte() -> None:
    [blink, tones] = plan((step(60.0, red=True, buzzer=True),))
    assert blink == Due(0.0, Blink(Colour.RED, 255, Colour.RED, 0, 255))
    assert tones == Due(0.0, Tones(255, 1, 1))


@pytest.mark.parametrize("steps", STEPS.values(), ids=[str(outcome) for outcome in STEPS])
def test_a_reader_plays_the_lamps_and_tones_of_the_pattern_in_their_order(steps: Steps) -> None:
    colours = [Colour(step.red + 2 * step.green) for step in steps]
    tones = [step.buzzer for step in steps]
    assert without_repeats(shown(plan(steps)), Colour.DARK) == without_repeats(colours, Colour.DARK)
    told = sum(due.what.times for due in plan(steps) if isinstance(due.what, Tones))
    assert told == without_repeats(tones, False).count(True)


def test_every_pattern_is_told_in_its_own_way() -> None:
    told = [tuple(plan(steps)) for steps in STEPS.values()]
    assert len(set(told)) == len(told)


def shown(planned: list[Due]) -> list[Colour]:
    """The colours that a reader shows, a tenth of a second each."""
    tenths: list[Colour] = []
    for due in planned:
        if isinstance(due.what, Blink):
            period = [due.what.on] * due.what.on_tenths + [due.what.off] * due.what.off_tenths
            tenths += (period * due.what.tenths)[: due.what.tenths]
    return tenths


def without_repeats(values: Sequence[T], end: T) -> list[T]:
    """Each value once for as long as it lasts; what ``end``s says nothing."""
    found = [value for place, value in enumerate(values) if place == 0 or values[place - 1] != value]
    return found[:-1] if found[-1] == end else found
