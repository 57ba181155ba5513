"""The name of a file in a feed, which tells what it is and when it was true.

``NAME-full-20261122T060000Z.csv``: all memberships as of this time, which is UTC.
``NAME-delta-20261122T060000Z-20261122T070000Z.jsonl``: what changed from then until then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from controller.membership.feed.members_file import Format
from controller.membership.feed.refusal import BadFile, Cause

SIGNATURE = ".minisig"
"""Behind the name of a file: its signature."""
_TIME = r"[0-9]{8}T[0-9]{6}Z"
_START = r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}-"
_NAME = re.compile(rf"{_START}(?:full|delta-(?P<since>{_TIME}))-(?P<as_of>{_TIME})\.(?P<format>csv|jsonl)")
_MEANT = re.compile(rf"{_START}(?:full|delta)-[0-9][A-Za-z0-9_-]{{0,60}}\.(?:csv|jsonl)")
"""Nothing in either means anything to a shell, a log or sftp."""


@dataclass(frozen=True, slots=True)
class FeedName:
    """text: the name. since_us: None if it is a full one. Times in microseconds since 1970 UTC."""

    text: str
    format: Format
    since_us: int | None
    as_of_us: int

    @property
    def is_delta(self) -> bool:
        return self.since_us is not None

    @property
    def tag(self) -> str:
        """Tells files apart in the journal. What stands before their times is not for journals."""
        return sha256(self.text.encode()).hexdigest()[:8]

    @property
    def order(self) -> tuple[int, bool, int, str]:
        """In which files are imported. Of the same time a full one comes first: it has all the changes."""
        return (self.as_of_us, self.is_delta, self.since_us or 0, self.text)


def parse(text: str) -> FeedName | None:
    """None if it does not look like one of a feed at all. Raises BadFile if it nearly is one."""
    if found := _NAME.fullmatch(text):
        as_of_us = _time_us(found["as_of"])
        since_us = _time_us(found["since"]) if found["since"] else None
        whole = found["since"] is None
        if as_of_us is not None and (whole or (since_us is not None and since_us < as_of_us)):
            return FeedName(text, Format(found["format"]), since_us, as_of_us)
    elif not _MEANT.fullmatch(text):
        return None
    raise BadFile(
        Cause.BAD_NAME,
        "the name must end in -full-TIME or -delta-FROM-TO and .csv or .jsonl, with times of UTC such as"
        " 20261122T060000Z",
    )


def _time_us(text: str) -> int | None:
    try:
        moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * 1_000_000 if moment.year >= 2000 else None
