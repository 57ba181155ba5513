"""What a library management system says where, in SIP2: a dialect, from a file of ``dialects``.

Each file says what is asked, in which fields the answers lie, and what of them refuses; its comments say
where that is known from, its ``doubts`` what is not known. What makes a positive answer count is the same for
all and is in ``reading``: no file can ask for less.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from controller.membership.sip2.days import AMBIGUOUS
from controller.settings.lms import DateFormat, DialectName, FieldCode, Sip2

NAMES: tuple[DialectName, ...] = get_args(DialectName)
Flag = Annotated[int, Field(ge=0, le=13)]
Words = Annotated[str, StringConstraints(min_length=1)]
_STRICT = ConfigDict(extra="forbid")


class BadDialect(Exception):
    """A file of a dialect says something that cannot be. The message says which and what."""


@dataclass(frozen=True, slots=True)
class Block:
    """The membership is suspended if ``field`` holds one of ``values``, whatever their capitals."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    field: FieldCode
    values: Annotated[tuple[Words, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one system speaks.

    title: its name. doubts: what an installer has to find out, in sentences. message: what is asked;
    language, summary: of its fixed part, three and ten characters. end_session: 35 follows, since the system
    may keep something open until then. expiry, birth_date, category: the fields that hold them, None for
    none. refusing_flags: which of the patron's status flags suspend the membership, from 0.
    flags_of_expired: which of these the system also sets when a card has expired; for such a card they say
    nothing more. blocks: what suspends besides.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    title: Words
    doubts: tuple[Words, ...]
    message: Literal["23", "63"]
    language: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
    summary: Annotated[str, StringConstraints(pattern=r"^[ Y]{10}$")]
    end_session: bool
    expiry: FieldCode
    date_formats: Annotated[tuple[DateFormat, ...], Field(min_length=1)]
    refusing_flags: frozenset[Flag]
    flags_of_expired: frozenset[Flag]
    birth_date: FieldCode | None = None
    category: FieldCode | None = None
    blocks: tuple[Block, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        """The fields that are looked at, besides those of the standard."""
        found = {self.expiry, self.birth_date, self.category, *(block.field for block in self.blocks)}
        return frozenset(code for code in found if code)


_READER = TypeAdapter(Dialect)


def parse(text: str) -> Dialect:
    """The dialect in a file's text. Raises BadDialect."""
    try:
        # By way of JSON, whose lists may become tuples and sets while all else is held to its type.
        dialect = _READER.validate_json(json.dumps(tomllib.loads(text), default=str), strict=True)
    except tomllib.TOMLDecodeError as error:
        raise BadDialect(str(error)) from None
    except ValidationError as error:
        # A key that is misspelt is missing as well; the misspelt one says more.
        found = error.errors(include_url=False)
        first = next((one for one in found if one["type"] == "unexpected_keyword_argument"), found[0])
        where = ".".join(str(part) for part in first["loc"])
        raise BadDialect(f"{where}: {first['msg']}") from None
    if len(AMBIGUOUS.intersection(dialect.date_formats)) > 1:
        raise BadDialect(
            "date_formats: a day before the month and a month before the day cannot be told apart"
        )
    return dialect


@cache
def dialect_of(name: DialectName) -> Dialect:
    """The dialect of this name, as it ships. Raises BadDialect."""
    file = resources.files(__package__) / "dialects" / f"{name}.toml"
    try:
        return parse(file.read_text(encoding="utf-8"))
    except BadDialect as error:
        raise BadDialect(f"{name}.toml: {error}") from None


def dialect_for(settings: Sip2) -> Dialect:
    """The dialect that is set, with what was set otherwise. Raises BadDialect."""
    dialect, fields = dialect_of(settings.dialect), settings.fields
    flags = settings.refusing_flags
    return replace(
        dialect,
        expiry=fields.expiry or dialect.expiry,
        birth_date=fields.birth_date or dialect.birth_date,
        category=fields.category or dialect.category,
        date_formats=fields.date_formats or dialect.date_formats,
        refusing_flags=dialect.refusing_flags if flags is None else frozenset(flags),
    )
