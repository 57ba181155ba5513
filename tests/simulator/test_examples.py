"""The examples for other people's tests do what they say, as they are printed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from simulator.branch import Branch, Plan

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.system


def examples(text: str) -> dict[str, Callable[..., None]]:
    """The functions of the first Python in a text: fenced, or indented from its first import on."""
    found = re.search(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL) or re.search(
        r"(^    from .*)", text, re.MULTILINE | re.DOTALL
    )
    assert found is not None
    names: dict[str, Any] = {}
    exec(dedent(found[1]), names)
    return {name: value for name, value in names.items() if name.startswith("test_")}


def test_the_readme_has_one_that_works(branch: Branch) -> None:
    [example] = examples((ROOT / "README.md").read_text()).values()
    example(branch)


def test_those_of_the_simulator_work(branch: Branch, make_branch: Callable[[Plan], Branch]) -> None:
    found = examples((ROOT / "docs" / "simulator.md").read_text())
    found.pop("test_a_member_is_let_in")(branch)
    found.pop("test_a_camera_that_is_away")(make_branch)
    found.pop("test_a_second_door_with_two_readers_of_its_own")(make_branch)
    assert not found
