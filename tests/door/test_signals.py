from itertools import combinations

import pytest

from controller.devices import SignalStep
from controller.door.signals import Pattern


def lamps(steps: tuple[SignalStep, ...]) -> list[tuple[bool, bool, float]]:
    return [(step.green, step.red, step.duration_s) for step in steps]


def tones(steps: tuple[SignalStep, ...]) -> list[float]:
    return [step.duration_s for step in steps if step.buzzer]


def test_patterns_differ() -> None:
    assert len({pattern.value for pattern in Pattern}) == len(list(Pattern))


@pytest.mark.parametrize(("one", "other"), list(combinations(Pattern, 2)))
def test_any_two_differ_to_the_eye_and_to_the_ear(one: Pattern, other: Pattern) -> None:
    assert lamps(one.value) != lamps(other.value)
    silent = not tones(one.value) and not tones(other.value)
    assert silent or tones(one.value) != tones(other.value)


@pytest.mark.parametrize("pattern", list(Pattern))
def test_a_pattern_is_soon_over(pattern: Pattern) -> None:
    assert sum(step.duration_s for step in pattern.value) <= 4


def test_only_a_grant_begins_with_green_and_a_tone() -> None:
    first = {pattern: pattern.value[0] for pattern in Pattern}
    assert [p for p, step in first.items() if step.green and not step.red and step.buzzer] == [
        Pattern.GRANTED
    ]
