"""The door's table as a page for people: a picture of the modes, then every state with its inputs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from controller.core.door import Effect, Input, Mode, State, rows

HEAD = """\
# The states of the door

Made from the table in `controller/core/door.py` by `unlocked door table`; a test holds the two together.
An input that is not listed for a state does nothing in it.

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


def _states() -> Iterator[str]:
    for before, found in groupby(rows(), key=lambda row: row[0]):
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
