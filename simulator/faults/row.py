"""Rows of the matrix of faults: what goes wrong, and what must come of it, as YAML files say.

Here: their form, and their parsing into types. Never here: playing them (``trial``).

A file has a ``title`` and ``rows``. A row has

- ``fault``: in a sentence's words. ``do``: the steps of a scenario (``simulator.scenario``) that bring it
  about, with the events that must follow; ``mend``: those that end it.
- ``door``: what comes of a member's card meanwhile: ``lets in``, ``refuses REASON`` (and the event says
  so), ``refuses unwritten`` (nothing can be written down before the fault ends), ``reads nothing`` or ``is
  away`` (its process is gone or hung; the lock is secured).
- ``footage``: ``goes on`` or ``stops``. ``shows``: what lamps and display tell (``core.outcome``) then;
  nothing unless it is told.
- ``doctor``: ``part`` and ``says``: the part of `unlocked doctor` that names it, and words of that line.
  While the door ``is away``, or is back so soon that nobody can look in between, ``after``: it is looked at
  then.
- ``note``: what else is to be said on the page. ``soak``: played only with the full counts, since it takes
  long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from controller.core.access import Reason
from controller.core.outcome import Outcome
from simulator.scenario import ScenarioError, Step, step_of

FOLDER = Path(__file__).parents[1] / "scenarios" / "faults"
ORDER = ("reader", "door", "camera", "systems", "clock", "disk", "services", "databases", "power")
"""The files, in the order in which an engineer would look."""

LETS_IN, REFUSES, UNWRITTEN, READS_NOTHING, IS_AWAY = (
    "lets in",
    "refuses",
    "unwritten",
    "reads nothing",
    "is away",
)
GOES_ON, STOPS = "goes on", "stops"
KEYS = {"fault", "do", "mend", "door", "footage", "shows", "doctor", "note", "soak"}


@dataclass(frozen=True, slots=True)
class DoctorLine:
    """part: as `unlocked doctor` names it. says: words of its line. after: asked when the fault is over."""

    part: str
    says: str
    after: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """reason: of a refusal, where ``door`` is ``refuses``."""

    fault: str
    do: tuple[Step, ...]
    mend: tuple[Step, ...]
    door: str
    reason: str
    footage: str
    doctor: DoctorLine
    shows: Outcome | None = None
    note: str = ""
    soak: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file. name: its own, without the ending."""

    name: str
    title: str
    rows: tuple[Row, ...]


def chapters() -> list[Chapter]:
    """All of the matrix, in order. Raises ScenarioError."""
    return [_chapter(FOLDER / f"{name}.yaml") for name in ORDER]


def _chapter(path: Path) -> Chapter:
    try:
        return parse(path.read_text(encoding="utf-8"), path.stem)
    except ScenarioError as error:
        raise ScenarioError(f"{path.name}: {error}") from error


def parse(text: str, name: str) -> Chapter:
    """A file's text. Raises ScenarioError."""
    found: dict[str, Any] = yaml.safe_load(text)
    rows = tuple(_row(row, f"row {number}") for number, row in enumerate(found["rows"], start=1))
    return Chapter(name, str(found["title"]), rows)


def _row(found: dict[str, Any], where: str) -> Row:
    if wrong := sorted(found.keys() - KEYS):
        raise ScenarioError(f"{where}: there is no such key: {', '.join(wrong)}")
    try:
        door, _, reason = str(found["door"]).partition(f"{REFUSES} ")
        if reason and reason != UNWRITTEN:
            Reason(reason)
        doctor = found["doctor"]
        return Row(
            fault=str(found["fault"]),
            do=_steps(found["do"], where),
            mend=_steps(found.get("mend", []), where),
            door=REFUSES if reason else _one_of((LETS_IN, READS_NOTHING, IS_AWAY), door, "door"),
            reason=reason,
            footage=_one_of((GOES_ON, STOPS), str(found["footage"]), "footage"),
            doctor=DoctorLine(str(doctor["part"]), str(doctor["says"]), bool(doctor.get("after", False))),
            shows=Outcome(found["shows"]) if "shows" in found else None,
            note=str(found.get("note", "")),
            soak=bool(found.get("soak", False)),
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ScenarioError(f"{where}: {error!r}") from error


def _one_of(words: Sequence[str], found: str, key: str) -> str:
    if found not in words:
        raise ValueError(f"{key}: {found}")
    return found


def _steps(found: Sequence[object], where: str) -> tuple[Step, ...]:
    return tuple(step_of(step, where) for step in found)
