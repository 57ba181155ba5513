"""Steps of lamps and buzzer as an OSDP reader plays them by itself: a blink, a row of tones.

A reader is told a pattern in one command each for its lamp and its buzzer, because a command for every step
would keep it from being asked for cards. What is no plain blink or row of tones is told piece by piece.
Pure; what a pattern means is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from controller.devices import SignalStep

MOST_TENTHS = 255
"""libosdp's Python binding has a byte for each time, also where the standard has two."""


class Colour(IntEnum):
    """Of OSDP lamps. Both of our lamps together are amber."""

    DARK = 0
    RED = 1
    GREEN = 2
    AMBER = 3


@dataclass(frozen=True, slots=True)
class Blink:
    """``on`` and ``off`` in turn for ``tenths`` of a second, then dark."""

    on: Colour
    on_tenths: int
    off: Colour
    off_tenths: int
    tenths: int


@dataclass(frozen=True, slots=True)
class Tones:
    """``times`` tones of so many tenths of a second, with pauses between them."""

    on_tenths: int
    off_tenths: int
    times: int


@dataclass(frozen=True, slots=True)
class Due:
    """at_s: seconds after the pattern began."""

    at_s: float
    what: Blink | Tones


@dataclass(frozen=True, slots=True)
class _Run:
    colour: Colour
    duration_s: float


@dataclass(frozen=True, slots=True)
class _Tone:
    at_s: float
    duration_s: float
    pause_s: float


def plan(steps: tuple[SignalStep, ...]) -> list[Due]:
    """What to tell the reader, and when, in order of time."""
    return sorted([*_blinks(_runs(steps)), *_rows(_tones(steps))], key=lambda due: due.at_s)


def _tenths(duration_s: float) -> int:
    return min(MOST_TENTHS, max(1, int(duration_s * 10 + 0.5)))


def _colour(step: SignalStep) -> Colour:
    return Colour(step.red * Colour.RED + step.green * Colour.GREEN)


def _runs(steps: tuple[SignalStep, ...]) -> list[_Run]:
    runs: list[_Run] = []
    for step in steps:
        colour = _colour(step)
        if runs and runs[-1].colour == colour:
            runs[-1] = _Run(colour, runs[-1].duration_s + step.duration_s)
        else:
            runs.append(_Run(colour, step.duration_s))
    return runs


def _blinks(runs: list[_Run]) -> Iterator[Due]:
    at_s, first = 0.0, 0
    while first < len(runs):
        pair = runs[first : first + 2]
        end = first + len(pair)
        while end < len(runs) and len(pair) == 2 and _same(runs[end], pair[(end - first) % 2]):
            end += 1
        on, off = pair[0], pair[-1]
        tenths = sum(_tenths(run.duration_s) for run in runs[first:end])
        if any(run.colour is not Colour.DARK for run in pair):
            yield Due(
                at_s,
                Blink(
                    on.colour,
                    _tenths(on.duration_s),
                    off.colour,
                    _tenths(off.duration_s) if len(pair) == 2 else 0,
                    min(MOST_TENTHS, tenths),
                ),
            )
        at_s += sum(run.duration_s for run in runs[first:end])
        first = end


def _same(run: _Run, other: _Run) -> bool:
    return run.colour == other.colour and _tenths(run.duration_s) == _tenths(other.duration_s)


def _tones(steps: tuple[SignalStep, ...]) -> list[_Tone]:
    tones: list[_Tone] = []
    at_s, sounding = 0.0, False
    for step in steps:
        if step.buzzer and sounding:
            last = tones[-1]
            tones[-1] = _Tone(last.at_s, last.duration_s + step.duration_s, 0)
        elif step.buzzer:
            tones.append(_Tone(at_s, step.duration_s, 0))
        elif tones:
            last = tones[-1]
            tones[-1] = _Tone(last.at_s, last.duration_s, last.pause_s + step.duration_s)
        at_s, sounding = at_s + step.duration_s, step.buzzer
    return tones


def _rows(tones: list[_Tone]) -> Iterator[Due]:
    while tones:
        first = tones[0]
        count = 1
        while (
            count < len(tones)
            and _tenths(tones[count].duration_s) == _tenths(first.duration_s)
            and _tenths(tones[count - 1].pause_s) == _tenths(first.pause_s)
        ):
            count += 1
        pause_tenths = _tenths(first.pause_s) if count > 1 else 1
        yield Due(first.at_s, Tones(_tenths(first.duration_s), pause_tenths, count))
        tones = tones[count:]
