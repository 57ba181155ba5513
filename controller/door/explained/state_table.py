"""The door's table as a page for people: every state with its inputs, below the picture of the modes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, product

from controller.core.door import Effect, Input, State, rows, start, step

HEAD = """\
# The states of the door

Made from the table in `controller/core/door.py` by `unlocked door table`; a test holds the two together.
An input that is not listed for a state does nothing in it. A state to which nothing leads is left out, such
as a fire in which the leaf has been open for too long.

## Modes

What we do with the lock. Where the leaf is, and whether somebody has asked to leave, is told further down.
An arrow out of a dotted box leads out of each of its modes. In green the lock is released.

![The modes of the door, and what leads from one to another](door-states.svg)
"""


def markdown() -> str:
    """The whole page."""
    return HEAD + "".join(_states())


def reachable() -> frozenset[State]:
    """Every state that any sequence of inputs leads to."""
    found: set[State] = set()
    waiting = [
        start(contact_open=contact_open, lockdown=lockdown, evacuation=evacuation)[0]
        for contact_open, lockdown, evacuation in product((False, True), repeat=3)
    ]
    while waiting:
        if (state := waiting.pop()) not in found:
            found.add(state)
            waiting += (step(state, happened)[0] for happened in Input)
    return frozenset(found)


def _states() -> Iterator[str]:
    shown = reachable()
    for before, found in groupby((row for row in rows() if row[0] in shown), key=lambda row: row[0]):
        lines = [
            f"| {happened} | {_difference(before, after)} | {_words(effects)} |\n"
            for _, happened, after, effects in found
            if effects or after != before
        ]
        yield f"\n## {_name(before)}\n\n| input | state after | effects |\n| --- | --- | --- |\n"
        yield from lines


def _name(state: State) -> str:
    return f"{state.mode}, leaf {state.contact}{', somebody leaving' if state.leaving else ''}"


def _difference(before: State, after: State) -> str:
    return "same" if after == before else _name(after)


def _words(effects: tuple[Effect, ...]) -> str:
    return ", ".join(effect.name.lower().replace("_", " ") for effect in effects) or "none"
