"""What of the record somebody wants to see: the form of the page, validated.

Days are local, both inclusive. Never here: looking for it (``record``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode

from controller.console.audit.kinds import ALL, DOINGS
from controller.core.event import EventType
from controller.core.local_time import EPOCH

LONGEST = 80
"""Characters of an account or a need."""
MOST_SEQ = 2**62


@dataclass(frozen=True, slots=True)
class Asked:
    """account, need: exactly so; empty: any. kind: of DOINGS; empty: all. before: a number of the journal.

    faults: by the box of the form, what is wrong with it; then nothing is looked for.
    """

    account: str = ""
    kind: str = ""
    need: str = ""
    from_day: date | None = None
    to_day: date | None = None
    before: int | None = None
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def types(self) -> frozenset[EventType]:
        return DOINGS[self.kind].types if self.kind else ALL

    @property
    def said(self) -> dict[str, str]:
        """What stands in the data of every event that is wanted."""
        return {name: value for name, value in (("user", self.account), ("need", self.need)) if value}

    def from_us(self, zone: tzinfo) -> int | None:
        return None if self.from_day is None else _start_us(self.from_day, zone)

    def end_us(self, zone: tzinfo) -> int | None:
        """When the last of the days is over."""
        return None if self.to_day is None else _start_us(self.to_day + timedelta(days=1), zone)

    @property
    def fields(self) -> dict[str, str]:
        """As the form has them, without where the page begins."""
        found = {"account": self.account, "kind": self.kind, "need": self.need}
        found |= {"from": self.from_day.isoformat() if self.from_day else ""}
        found |= {"to": self.to_day.isoformat() if self.to_day else ""}
        return {name: value for name, value in found.items() if value}

    def query(self, before: int) -> str:
        """The address of the page that begins there."""
        return urlencode({**self.fields, "before": before})


def asked(form: Mapping[str, str]) -> Asked:
    """form: as it was sent. What is no answer at all to a question is left out, or is a fault of its box."""
    faults: dict[str, str] = {}
    from_day, to_day = _day(form, "from", faults), _day(form, "to", faults)
    if from_day and to_day and to_day < from_day:
        faults["to"] = "The last day must not be before the first."
    for name, what in (("account", "An account"), ("need", "A need")):
        if len(form.get(name, "").strip()) > LONGEST:
            faults[name] = f"{what} has {LONGEST} characters at most."
    kind, before = form.get("kind", ""), form.get("before", "")
    return Asked(
        form.get("account", "").strip()[:LONGEST],
        kind if kind in DOINGS else "",
        form.get("need", "").strip()[:LONGEST],
        from_day,
        to_day,
        min(int(before), MOST_SEQ) if before.isascii() and before.isdigit() and len(before) < 20 else None,
        faults,
    )


def _day(form: Mapping[str, str], name: str, faults: dict[str, str]) -> date | None:
    value = form.get(name, "").strip()
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or not date(2000, 1, 1) <= found <= date(2999, 12, 31):
        faults[name] = "Enter a day as year, month and day, such as 2026-11-21."
        return None
    return found


def _start_us(day: date, zone: tzinfo) -> int:
    since = datetime.combine(day, time(), zone) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000
