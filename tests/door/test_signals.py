from itertools import combinations, groupby
from pathlib import Path

import pytest

from controller.core.outcome import IDLE, TEXTS, Outcome
from controller.core.signs import SIGNS
from controller.devices import SignalStep
from controller.door.signals import LONG_S, SHORT_S, STEPS, TICK_S

COUNTABLE = 4
"""More tones or blinks than this are many to whoever hears or sees them."""
CLEARLY = 1.9
"""One duration is clearly longer than another at this ratio."""

Run = tuple[object, float]


def runs(steps: tuple[SignalStep, ...], *, sound: bool) -> list[Run]:
    """What follows what, and for how long: of the tones, or of the lamps."""
    found = [((step.buzzer if sound else (step.green, step.red)), step.duration_s) for step in steps]
    return [
        (what, round(sum(duration_s for _, duration_s in same), 3))
        for what, same in groupby(found, lambda run: run[0])
    ]


def tones(outcome: Outcome) -> list[float]:
    return [duration_s for on, duration_s in runs(STEPS[outcome], sound=True) if on]


def lamps(outcome: Outcome) -> list[Run]:
    return runs(STEPS[outcome], sound=False)


def clearly_differ(one: list[float], other: list[float]) -> bool:
    if min(len(one), COUNTABLE + 1) != min(len(other), COUNTABLE + 1):
        return True
    return any(max(a, b) >= CLEARLY * min(a, b) for a, b in zip(one, other, strict=False))


def test_everything_there_is_to_tell_has_its_steps() -> None:
    assert set(STEPS) == set(Outcome)


@pytest.mark.parametrize(("one", "other"), list(combinations(Outcome, 2)))
def test_any_two_differ_to_the_ear(one: Outcome, other: Outcome) -> None:
    assert clearly_differ(tones(one), tones(other)), (tones(one), tones(other))


@pytest.mark.parametrize(("one", "other"), list(combinations(Outcome, 2)))
def test_any_two_differ_to_the_eye(one: Outcome, other: Outcome) -> None:
    same_lamps = [lit for lit, _ in lamps(one)][: COUNTABLE + 1] == [lit for lit, _ in lamps(other)][
        : COUNTABLE + 1
    ]
    durations = [duration_s for _, duration_s in lamps(one)], [duration_s for _, duration_s in lamps(other)]
    assert not same_lamps or clearly_differ(*durations), durations


@pytest.mark.parametrize("outcome", list(Outcome))
def test_it_is_soon_over(outcome: Outcome) -> None:
    assert sum(step.duration_s for step in STEPS[outcome]) <= 4


def test_only_what_goes_on_all_night_is_silent() -> None:
    assert [outcome for outcome in Outcome if not tones(outcome)] == [Outcome.NO_READER]


def test_only_a_yes_begins_with_green_alone_and_a_tone() -> None:
    first = {outcome: STEPS[outcome][0] for outcome in Outcome}
    assert {o for o, step in first.items() if step.green and not step.red and step.buzzer} == {
        Outcome.GRANTED,
        Outcome.GOODBYE,
        Outcome.NOT_NEEDED,
        Outcome.PIN_WANTED,  # half a yes
        Outcome.HELP_ASKED,
    }


WORDS = {TICK_S: "tick", SHORT_S: "short", LONG_S: "long"}
COUNTS = {4: "four"}


def in_words(outcome: Outcome) -> str:
    heard = [WORDS[tone_s] for tone_s in tones(outcome)]
    if not heard:
        return "none"
    if set(heard) == {"tick"}:
        return f"{COUNTS[len(heard)]} ticks"
    period = next(n for n in range(1, len(heard) + 1) if heard == (heard[:n] * len(heard))[: len(heard)])
    return f"{' '.join(heard[:period])}, again and again" if len(heard) > COUNTABLE else " ".join(heard)


def test_the_tables_for_people_say_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs" / "readers.md").read_text(encoding="utf-8")
    rows = {
        cells[0].split("`")[1]: cells[1:]
        for line in page.splitlines()
        if line.startswith("| `") and (cells := [cell.strip() for cell in line.strip("|").split("|")])
    }
    for outcome in Outcome:
        assert rows[outcome][1:] == [in_words(outcome), " / ".join(TEXTS[outcome])]
        assert (SIGNS[outcome].lamps, SIGNS[outcome].tones) == (rows[outcome][0], in_words(outcome))
    lamp_words = [rows[outcome][0] for outcome in Outcome]
    assert len(set(lamp_words)) == len(lamp_words)
    for name in TEXTS.keys() - set(Outcome) - {IDLE}:
        assert rows[name] == [" / ".join(TEXTS[name])]
    assert " / ".join(TEXTS[IDLE]) in page
