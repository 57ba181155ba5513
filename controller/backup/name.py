"""The name of a backup's file: of which branch, when it was made, and until when it may exist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

SUFFIX = ".age"
_FORM = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(
    r"(?P<authority>[a-z0-9][a-z0-9-]{0,39})_(?P<branch>[a-z0-9][a-z0-9-]{0,39})"
    r"_(?P<made>\d{8}T\d{6}Z)_until_(?P<until>\d{8}T\d{6}Z)\.age"
)
SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class BackupName:
    """Times in microseconds since 1970 UTC, whole seconds."""

    authority: str
    branch: str
    made_us: int
    until_us: int

    def __str__(self) -> str:
        return f"{self.authority}_{self.branch}_{_text(self.made_us)}_until_{_text(self.until_us)}{SUFFIX}"

    @classmethod
    def parse(cls, name: str) -> BackupName | None:
        """None for what is not called as a backup is."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        try:
            made_us, until_us = _us(found["made"]), _us(found["until"])
        except ValueError:
            return None
        return cls(found["authority"], found["branch"], made_us, until_us)

    def expired(self, now_us: int) -> bool:
        return now_us >= self.until_us


def _text(wall_us: int) -> str:
    return datetime.fromtimestamp(wall_us // SECOND_US, UTC).strftime(_FORM)


def _us(text: str) -> int:
    return int(datetime.strptime(text, _FORM).replace(tzinfo=UTC).timestamp()) * SECOND_US
