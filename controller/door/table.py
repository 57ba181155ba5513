"""The door's table as a page for people: a picture of the modes, then every state with its inputs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, product

from controller.core.door import Effect, Input, Mode, State, rows, start, step

HEAD = """\
# The states of the door

Made from the table in `controller/core/door.py` by `unlocked door table`; a test holds the two together.
An input that is not listed for a state does nothing in it. A state to which nothing leads is left out, such
as a fire in which the leaf has been open for too long.

## Modes

What we do with the lock. Where the leaf is, and whether somebody has asked to leave, is told further down.

"""


def markdown() -> str:
    """The whole page."""
    return HEAD + "".join((*_picture(), *_states()))


def _picture() -> Iterator[str]:
    yield "```mermaid\nstateDiagram-v2\n"
    yield "    direction LR\n    [*] --> locked\n"
    for mode in Mode:
        if " " in mode or "-" in mode:
            yield f"    {_id(mode)} : {mode}\n"
    arrows: dict[tuple[Mode, Mode], list[Input]] = {}
    for before, happened, after, _ in rows():
        if before.mode is not after.mode:
            inputs = arrows.setdefault((before.mode, after.mode), [])
            if happened not in inputs:
                inputs.append(happened)
    for (source, target), inputs in arrows.items():
        yield f"    {_id(source)} --> {_id(target)} : {', '.join(inputs)}\n"
    yield "```\n"


def _id(mode: Mode) -> str:
    return mode.replace(" ", "_").replace("-", "_")


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
