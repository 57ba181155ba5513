"""The ``[lms]`` tables as text, to be pasted into branch.toml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from controller.settings.lms import Lms


def as_toml(lms: Lms, was: Lms) -> str:
    """Every key that differs from its default. was: the settings that were tried; what differs is marked."""
    tables = _tables("lms", lms.model_dump(exclude_defaults=True), was.model_dump(exclude_defaults=True))
    return "\n\n".join(tables) + "\n"


def _tables(name: str, values: Mapping[str, object], old: Mapping[str, object]) -> Iterator[str]:
    """Each table with keys of its own, the outer ones first."""
    keys = [
        f"{key} = {_written(value)}" + ("" if old.get(key) == value else "  # changed")
        for key, value in values.items()
        if not isinstance(value, dict)
    ]
    if keys:
        yield "\n".join([f"[{name}]", *keys])
    for key, value in values.items():
        if isinstance(value, dict):
            before = old.get(key)
            yield from _tables(f"{name}.{key}", value, before if isinstance(before, dict) else {})


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple | frozenset):
        return f"[{', '.join(_written(item) for item in value)}]"
    assert isinstance(value, str | Path)
    return json.dumps(str(value), ensure_ascii=False)
