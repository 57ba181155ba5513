"""A branch.toml with every key explained: the example, with other values in it.

What is set stands in its place, below the example's words for it; all else is there with a # before it, so
that whoever edits the file sees what could be set. Of several tables of one name the first has the words.
Never here: whether the settings are right (``load``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from controller.settings.toml_text import text_of, text_of_key

HEADING = re.compile(r"#?(?P<brackets>\[\[?)(?P<path>[a-z0-9_.]+)\]\]?")
KEY = re.compile(r'#?(?P<key>[a-z_]+|"[^"]*") = .+')
NAMED = frozenset({"categories"})
"""Tables of which each has a name of its own; the example shows one."""
HEAD = """\
# The settings of this branch. `unlocked check` says whether what you change is right. A key not listed here
# is an error. A key with a # before it is not set: it has the default shown, or shows an example.
"""


@dataclass(slots=True)
class _Table:
    """A table of the example. words: before its heading. lines: below it.

    empty: the example has it without any key set, so that it may stand there whatever is set.
    """

    name: str
    many: bool = False
    empty: bool = False
    words: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    below: dict[str, _Table] = field(default_factory=dict)


def filled(example: str, settings: Mapping[str, object]) -> str:
    """The text of a branch.toml with these settings, as they would be read from it."""
    text = "\n".join(_below(_parsed(example), settings, "", explained=True))
    return HEAD + re.sub(r"\n{3,}", "\n\n", f"{text.rstrip()}\n")


def _parsed(example: str) -> _Table:
    root = table = _Table("")
    words: list[str] = []
    paragraphs = example.split("\n\n")[1:]  # the first is about the example itself
    for paragraph in paragraphs:
        words.append("")
        for line in paragraph.splitlines():
            if heading := HEADING.fullmatch(line):
                table = _place(root, heading["path"].split("."))
                table.many = heading["brackets"] == "[["
                table.empty = not table.many and not line.startswith("#")
                table.words = words
                words = []
            elif KEY.fullmatch(line):
                table.empty = table.empty and line.startswith("#")
                table.lines += [*words, line]
                words = []
            else:
                words.append(line)
    return root


def _place(root: _Table, path: Sequence[str]) -> _Table:
    for name in path:
        root = root.below.setdefault(name, _Table(name))
    return root


def _below(
    table: _Table, values: Mapping[str, object] | None, path: str, *, explained: bool
) -> Iterator[str]:
    """values: None where the table is not there itself."""
    for name, child in table.below.items():
        value = None if values is None else values.get(name, {} if child.empty and explained else None)
        yield from _tables(child, value, f"{path}{name}", explained=explained)


def _tables(table: _Table, value: object, path: str, *, explained: bool) -> Iterator[str]:
    """value: what is set of it; None where nothing is."""
    if table.name in NAMED and value:
        assert isinstance(value, Mapping)
        [shown] = table.below.values()
        for number, (name, each) in enumerate(value.items()):
            yield from _table(shown, each, f"{path}.{text_of_key(name)}", explained=explained and not number)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _table(table, each, path, explained=explained and not number)
    elif value is not None or explained:
        yield from _table(table, value, path, explained=explained)


def _table(table: _Table, value: object, path: str, *, explained: bool) -> Iterator[str]:
    values = value if isinstance(value, Mapping) else None
    yield from table.words if explained else [""]
    if table.words:  # the example has a heading for it
        brackets = f"[[{path}]]" if table.many else f"[{path}]"
        yield f"#{brackets}" if values is None else brackets
    own = {name: one for name, one in (values or {}).items() if name not in table.below}
    yield from _keys(table.lines if explained else [], own)
    yield from _below(table, values, f"{path}.", explained=explained)


def _keys(lines: Sequence[str], values: Mapping[str, object]) -> Iterator[str]:
    left = dict(values)
    for line in lines:
        match = KEY.fullmatch(line)
        if match is None:
            yield line
        elif (name := match["key"].strip('"')) in left:
            yield f"{text_of_key(name)} = {text_of(left.pop(name))}"
        else:
            yield f"#{line.removeprefix('#')}"
    for name, value in left.items():
        yield f"{text_of_key(name)} = {text_of(value)}"
