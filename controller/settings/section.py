"""What every table of branch.toml is made of: its base class, and the types that several tables share."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

NAME, WORD = r"^[a-z0-9][a-z0-9-]{0,39}$", r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,39}$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
"""A name that is safe in a file name, an MQTT topic and a URL."""
Word = Annotated[str, StringConstraints(pattern=WORD)]
"""A category of members, as the library writes it."""
Pin = Annotated[int, Field(ge=0, le=27)]
"""A GPIO number of the Raspberry Pi's header (Broadcom numbering)."""


class Section(BaseModel):
    """A table of the file: read-only once validated, and without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def pins(section: Section, key: str = "") -> Iterator[tuple[str, int]]:
    """Every pin that is set in a table and those within it, with the key that claims it.

    A key is a pin if it is called ``pin`` or its name ends in ``_pin``; the table [pin] is of the other sort.
    """
    for name, value in section:
        path = f"{key}.{name}" if key else name
        if (name == "pin" or name.endswith("_pin")) and not isinstance(value, Section):
            if value is not None:
                yield path, value
        elif isinstance(value, Section):
            yield from pins(value, path)
        elif isinstance(value, tuple):
            for place, item in enumerate(value):
                if isinstance(item, Section):
                    yield from pins(item, f"{path}[{getattr(item, 'id', place)}]")
        elif isinstance(value, dict):
            for item_name, item in value.items():
                if isinstance(item, Section):
                    yield from pins(item, f"{path}.{item_name}")


def _a_day(value: object) -> object:
    # A text would be taken as well, and a time of day be cut off: both are mistakes here.
    if isinstance(value, date) and type(value) is date:
        return value
    raise ValueError("write it without quotes and time, such as 2026-11-21")


Day = Annotated[date, BeforeValidator(_a_day)]


def from_the_root(path: Path) -> Path:
    """A path that is the same place whoever starts what, in whichever folder. Raises ValueError."""
    if not path.is_absolute():
        raise ValueError("begin it with /, so that it is the same place whoever starts what")
    return path


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine itself, by its name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
