"""config/branch.example.toml shows every key there is, and its default."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from controller.core.outcome import TEXTS
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"
README = Path(__file__).parents[2] / "README.md"
KEY = re.compile(r"(?P<commented>#?)(?P<key>[a-z_]+) = (?P<value>.+)")
TABLE = re.compile(r"#?\[\[?(?P<table>[a-z0-9_.]+)\]\]?")
FREE_NAMES = ("hours.", "texts", "categories.hours")


def shown() -> dict[str, tuple[bool, object]]:
    """Each key of the example: whether it is commented out, and its value."""
    found: dict[str, tuple[bool, object]] = {}
    table = ""
    for line in EXAMPLE.read_text().splitlines():
        if match := TABLE.fullmatch(line):
            # A category has the library's name for it.
            table = re.sub(r"^categories\.[a-z]+", "categories", match["table"])
        elif match := KEY.fullmatch(line):
            value = tomllib.loads(f"value = {match['value']}")["value"]
            found.setdefault(f"{table}.{match['key']}", (bool(match["commented"]), value))
    return found


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Each key that the settings have."""
    for name, field in model.model_fields.items():
        parts = [field.annotation, *get_args(field.annotation)]
        inner = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
        if inner:
            yield from keys(inner[0], f"{prefix}{name}.")
        else:
            yield prefix + name, field


KEYS = {key: field for key, field in keys(Settings) if not key.startswith(FREE_NAMES)}


def test_the_example_is_valid() -> None:
    load(EXAMPLE)


@pytest.mark.parametrize(
    ("tables", "instead_of"),
    [
        (("lms", "lms.sip2", "lms.sip2.fields", "lms.entitlement"), ""),
        (("lms", "lms.koha"), ""),
        (("console.sso", "console.sso.openid"), ""),
        (("feed",), ""),
        (("feed", "feed.sftp"), "folder"),
        (("backup", "backup.sftp"), ""),
    ],
)
def test_tables_that_are_commented_out_are_valid_too(
    tmp_path: Path, tables: tuple[str, ...], instead_of: str
) -> None:
    lines, table = [], ""
    for line in EXAMPLE.read_text().splitlines():
        key = KEY.fullmatch(line)
        if begins := TABLE.fullmatch(line):
            table = begins["table"]
        left_out = key is not None and table == tables[0] and key["key"] == instead_of
        wanted = table in tables and (key or begins) and not left_out
        lines.append(line.removeprefix("#") if wanted else line)
    file = tmp_path / "branch.toml"
    file.write_text("\n".join(lines))
    loaded = load(file).model_dump()
    for name in tables:
        first, *rest = name.split(".")
        assert loaded[first] if not rest else loaded[first][rest[0]]


def test_the_second_door_of_the_readme_goes_with_the_example(tmp_path: Path) -> None:
    [second_door] = re.findall("```toml\n(.*?)```", README.read_text(), re.DOTALL)
    file = tmp_path / "branch.toml"
    file.write_text(EXAMPLE.read_text() + second_door)
    assert [door.id for door in load(file).doors] == ["front", "garden"]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_shown_with_its_default(key: str) -> None:
    assert key in shown(), "add it to the example"
    commented, value = shown()[key]
    default = KEYS[key].get_default(call_default_factory=True)
    if commented and not KEYS[key].is_required() and default not in (None, "", ()):
        assert str(value) == str(list(default) if isinstance(default, tuple) else default)


def test_no_key_is_shown_that_is_not_there() -> None:
    assert {key for key in shown() if not key.startswith(FREE_NAMES)} == set(KEYS)


def test_the_words_shown_are_ours() -> None:
    words = {
        key.removeprefix("texts."): value for key, (_, value) in shown().items() if key.startswith("texts.")
    }
    assert words
    assert {name: tuple(lines) for name, lines in words.items()} == {name: TEXTS[name] for name in words}


def test_every_key_is_explained_before_it() -> None:
    before = ""
    for line in EXAMPLE.read_text().splitlines():
        if KEY.fullmatch(line):  # keys side by side, such as min_length and max_length, share theirs
            assert before.startswith("# "), line
        elif not TABLE.fullmatch(line):
            before = line


def test_every_file_has_a_place_of_its_own(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "state", tmp_path / "run", tmp_path / "footage", tmp_path / "secrets")
    files = [paths.journal(service) for service in JOURNALS]
    files += [paths.members, paths.footage, paths.registers, paths.positions]
    assert len(set(files)) == len(files)
    assert all(file.is_relative_to(paths.state) for file in files)
