"""Scenarios: what people do at a branch and what is expected to come of it, as a YAML file says.

Here: the file's form, and its parsing into types. Never here: doing it; that is for ``play``.

A scenario has a ``name``, ``footage`` to plant before the start, ``steps`` and the ``totals`` expected at
the end. A step has ``at`` (seconds from the start; never earlier than the step before is done), exactly one
action, and what to ``expect`` of it, each within ``within`` seconds (20) of the one before:

- at: 3.5 swipe: expired # a member's label, "stranger", or card digits in quotes expect: {access.refused:
  {reason: expired}}

Actions: ``swipe``; ``present`` (a card is held before the reader); ``misread`` (a card arrives with a
fault); ``send`` (bytes on the wire, as text); ``push: exit``; ``door: open`` or ``closed``; ``unplug`` and
``plug`` (reader, display, camera or broker); ``walk: past``; ``fire: on`` or ``off``; ``wire: help on`` or
``off`` (an input of the building by its name in branch.toml, such as mains_lost); ``bolt: holds`` or
``free`` (what the sensor of the front door's lock says, where the branch has one) or ``works`` (it says
what the lock does); ``camera: covered`` (or another of ``camera.film.Condition``, until it is ``well``);
``lms: down``, ``slow``, ``silent``, ``garbled``, ``flapping`` or ``up`` (the library management system,
where the branch asks one); ``kill`` (a service), ``hang`` (it is there and does nothing); ``disk`` and
``clock`` (how the machine's is, as in ``faults.machine``, where the branch has such a machine); ``damage``
(a database, by its name in ``faults.databases``, while its service dies); ``power: cut``, ``flickers``
(back, and gone again while the services start) and ``back``; ``members: import`` (those that the branch
began with); ``command`` (words after ``unlocked door``). ``expect`` names types of events of the door's
journal that follow the step, with data that they must have; of another service's journal with its name and
a colon before it: ``recorder:clip.recorded``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from controller.core.event import EventType
from controller.settings.paths import JOURNALS
from simulator.camera.film import Condition
from simulator.faults.databases import DATABASES
from simulator.faults.machine import ClockIs, Disk
from simulator.lms.system import WORDS
from simulator.settings import WIRES

WITHIN_S = 20.0


class Action(StrEnum):
    """What a step can do."""

    SWIPE = "swipe"
    PRESENT = "present"
    MISREAD = "misread"
    SEND = "send"
    PUSH = "push"
    DOOR = "door"
    UNPLUG = "unplug"
    PLUG = "plug"
    WALK = "walk"
    FIRE = "fire"
    WIRE = "wire"
    BOLT = "bolt"
    CAMERA = "camera"
    LMS = "lms"
    KILL = "kill"
    HANG = "hang"
    DISK = "disk"
    CLOCK = "clock"
    DAMAGE = "damage"
    POWER = "power"
    MEMBERS = "members"
    COMMAND = "command"


ALLOWED: Mapping[Action, frozenset[str]] = {
    Action.PUSH: frozenset({"exit"}),
    Action.DOOR: frozenset({"open", "closed"}),
    Action.UNPLUG: frozenset({"reader", "display", "camera", "broker"}),
    Action.PLUG: frozenset({"reader", "display", "camera", "broker"}),
    Action.WALK: frozenset({"past"}),
    Action.FIRE: frozenset({"on", "off"}),
    Action.WIRE: frozenset(f"{name} {level}" for name in WIRES for level in ("on", "off")),
    Action.BOLT: frozenset({"holds", "free", "works"}),
    Action.CAMERA: frozenset(Condition),
    Action.LMS: frozenset(WORDS),
    Action.KILL: frozenset(JOURNALS),
    Action.HANG: frozenset(JOURNALS),
    Action.DISK: frozenset(Disk),
    Action.CLOCK: frozenset(ClockIs),
    Action.DAMAGE: frozenset(DATABASES),
    Action.POWER: frozenset({"cut", "flickers", "back"}),
    Action.MEMBERS: frozenset({"import"}),
}
"""What an action may be done to; any text where it is not listed."""


@dataclass(frozen=True, slots=True)
class Expected:
    """An event that has to follow: of which service, which type, and with which data at least."""

    service: str
    type: EventType
    data: Mapping[str, object]

    def __str__(self) -> str:
        data = " ".join(f"{name}={value}" for name, value in self.data.items())
        return f"{self.service}: {self.type}{' ' + data if data else ''}"


@dataclass(frozen=True, slots=True)
class Step:
    """at_s, within_s: seconds. what: the action's object."""

    at_s: float
    action: Action
    what: str
    expect: tuple[Expected, ...] = ()
    within_s: float = WITHIN_S


@dataclass(frozen=True, slots=True)
class Planted:
    """Footage that is there before the branch starts. days: its age. becomes: kept, destroyed or held."""

    days: int
    becomes: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What all of it must come to. clips: at least so many."""

    swipes: int
    grants: int
    refusals: Mapping[str, int]
    pulses: int
    clips: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    steps: tuple[Step, ...]
    totals: Totals
    footage: tuple[Planted, ...] = ()


class ScenarioError(Exception):
    """The file is not a scenario. ``str()`` says where and why."""


def load_scenario(path: Path) -> Scenario:
    """Raises ScenarioError."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}") from error
    except ScenarioError as error:
        raise ScenarioError(f"{path}: {error}") from error


def parse(text: str) -> Scenario:
    """Raises ScenarioError."""
    try:
        found = _mapping(yaml.safe_load(text), "the file")
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        # What cannot be a date or a number, PyYAML's constructors find out in their own ways.
        raise ScenarioError(f"it is not YAML: {error}") from error
    _only(found, {"name", "steps", "totals", "footage"}, "the file")
    steps = tuple(
        step_of(step, f"step {number}") for number, step in enumerate(_list(found, "steps"), start=1)
    )
    footage = tuple(_planted(item) for item in _list(found, "footage"))
    return Scenario(str(found.get("name", "")), steps, _totals(found.get("totals")), footage)


def parse_action(line: str) -> Step:
    """A step of a line such as ``swipe member 1``. Raises ScenarioError."""
    action, _, what = line.strip().partition(" ")
    if action not in list(Action):
        raise ScenarioError(f"nothing is called {action!r}; it begins with one of {', '.join(Action)}")
    return step_of({action: what.strip()}, "this")


def step_of(found: object, where: str) -> Step:
    """A step of what YAML made of it. Raises ScenarioError."""
    step = _mapping(found, where)
    _only(step, {"at", "expect", "within", *Action}, where)
    actions = [action for action in Action if action in step]
    if len(actions) != 1:
        raise ScenarioError(f"{where}: exactly one action is needed, not {[str(a) for a in actions]}")
    action = actions[0]
    # YAML reads on and off as booleans.
    what = ("off", "on")[step[action]] if isinstance(step[action], bool) else str(step[action])
    if action in ALLOWED and what not in ALLOWED[action]:
        raise ScenarioError(f"{where}: {action}: one of {', '.join(sorted(ALLOWED[action]))}, not {what!r}")
    expect = _mapping(step.get("expect", {}), f"{where}: expect")
    return Step(
        _number(step.get("at", 0), f"{where}: at"),
        action,
        what,
        tuple(_expected(name, data, where) for name, data in expect.items()),
        _number(step.get("within", WITHIN_S), f"{where}: within"),
    )


def _expected(name: str, data: object, where: str) -> Expected:
    service, colon, type_ = name.partition(":")
    if not colon:
        service, type_ = "door", name
    if service not in JOURNALS:
        raise ScenarioError(f"{where}: there is no service {service!r}")
    try:
        return Expected(service, EventType(type_), _mapping(data or {}, f"{where}: {name}"))
    except ValueError as error:
        raise ScenarioError(f"{where}: there is no event {type_!r}") from error


def _planted(found: object) -> Planted:
    item = _mapping(found, "footage")
    _only(item, {"days", "becomes"}, "footage")
    becomes = str(item.get("becomes"))
    if becomes not in ("kept", "destroyed", "held"):
        raise ScenarioError(f"footage: becomes: kept, destroyed or held, not {becomes!r}")
    return Planted(int(_number(item.get("days"), "footage: days")), becomes)


def _totals(found: object) -> Totals:
    totals = _mapping(found, "totals")
    _only(totals, {"swipes", "grants", "refusals", "pulses", "clips"}, "totals")
    refusals = _mapping(totals.get("refusals", {}), "totals: refusals")
    counts = {
        name: int(_number(totals.get(name, 0), f"totals: {name}"))
        for name in ("swipes", "grants", "pulses", "clips")
    }
    by_reason = {reason: int(_number(count, f"totals: {reason}")) for reason, count in refusals.items()}
    return Totals(refusals=by_reason, **counts)


def _mapping(found: object, where: str) -> dict[str, Any]:
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise ScenarioError(f"{where}: names with values are needed")
    return found


def _list(found: Mapping[str, Any], name: str) -> list[object]:
    value = found.get(name, [])
    if not isinstance(value, list):
        raise ScenarioError(f"{name}: a list is needed")
    return value


def _number(found: object, where: str) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ScenarioError(f"{where}: a number is needed, not {found!r}")
    return float(found)


def _only(found: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(found.keys() - known):
        raise ScenarioError(f"{where}: there is no such key: {', '.join(unknown)}")
