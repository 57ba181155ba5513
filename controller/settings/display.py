"""Displays and their words: ``[doors.readers.display]`` and ``[texts]``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from controller.core.outcome import COLUMNS, MAX_COLUMNS, MAX_LINES, TEXT_NAMES
from controller.settings.section import Section


class DisplaySettings(Section):
    """A display on a serial line. columns: no narrower than our own texts need."""

    port: str = Field(min_length=1)
    baud: int = Field(default=9600, ge=300, le=921_600)
    columns: int = Field(default=20, ge=COLUMNS, le=MAX_COLUMNS)
    rows: int = Field(default=2, ge=1, le=MAX_LINES)
    protocol: Literal["esc-pos", "lines"] = "esc-pos"


def _printable(line: str) -> str:
    if not line.isprintable():
        raise ValueError("a line has a character that cannot be printed; give each line quotes of its own")
    return line


def _known(texts: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for name, lines in texts.items():
        if name not in TEXT_NAMES:
            raise ValueError(f'nothing is told as "{name}"; see the tables in docs/readers.md')
        if not 1 <= len(lines) <= MAX_LINES:
            raise ValueError(f"{name} has {len(lines)} lines; give it 1 to {MAX_LINES}")
    return texts


Line = Annotated[str, StringConstraints(max_length=MAX_COLUMNS), AfterValidator(_printable)]
Texts = Annotated[dict[str, tuple[Line, ...]], AfterValidator(_known)]
"""Lines by what they tell: an outcome, a reason, or ``idle``."""
