from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from controller.commands.main import NOUNS, main


def test_help_names_every_noun() -> None:
    result = CliRunner().invoke(main, ["-h"])
    assert result.exit_code == 0
    assert all(noun in result.output for noun in NOUNS)


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command there is, as its words after ``unlocked``."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from commands(found, (*words, name))
        else:
            yield (*words, name)


README = Path(__file__).parents[2] / "README.md"
FOR_UNITS = {("door", "make-safe"), ("recorder",), ("membership",), ("console",)}
"""What systemd runs, and nobody types."""


@pytest.mark.parametrize("words", list(commands(main)), ids=" ".join)
def test_the_readme_has_every_command(words: tuple[str, ...]) -> None:
    shown = {
        (noun, verb)[: len(words)]
        for noun, verbs in re.findall(
            r"^\| `unlocked ([a-z-]+) ?([a-z|\\-]*)", README.read_text(), re.MULTILINE
        )
        for verb in verbs.split("\\|")
    }
    assert words in shown | FOR_UNITS


def test_an_unknown_noun_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["frobnicate"]).exit_code == 2


def test_the_version_is_shown() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("unlocked, version ")


def test_help_imports_no_command() -> None:
    script = (
        "import sys; from controller.commands.main import main; main(['-h'], standalone_mode=False);"
        "print([m for m in sys.modules if m.split('.')[0] in ('pydantic', 'sqlalchemy', 'av', 'cv2')"
        " or m.startswith('controller.commands.') and m != 'controller.commands.main'])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"
