"""How many attempts have failed, and who has to wait therefore.

Two things are counted, each by an ``Attempts`` of its own. For a card: wrong PINs, so that a found card's
PIN cannot be tried out. For a reader: unknown and blocked cards and wrong PINs, so that card numbers cannot.
What could not be read is no attempt: it says nothing to whoever tries.

A reader that is locked out refuses valid cards too: else whoever tries numbers would be let in by the first
that is valid. So it is short, and attempts meanwhile neither count nor make it longer. Whoever stands at the
reader and tries a card a second does keep members out, three quarters of the time by default, but no longer
than he stands there; and he gets one try in four seconds, which is what the lock-out is for.

Pure: times come in, microseconds that never go back. In memory alone: a restart forgets, which the journal
shows, and a card's key must be in no file.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

REMEMBERED = 256
"""Cards or readers at a time: beyond that those are forgotten whose last failure lies longest back."""


@dataclass(frozen=True, slots=True)
class LockoutRules:
    """failures: so many within window_us lock out for length_us; 0: nobody ever is."""

    failures: int
    window_us: int
    length_us: int


@dataclass(slots=True)
class _Record:
    """failed_us: of failures that count still. locked_until_us: None while it is not locked out."""

    failed_us: deque[int] = field(default_factory=deque)
    locked_until_us: int | None = None


class Attempts(Generic[Key]):
    """The failed attempts with each card, or at each reader. For one thread."""

    def __init__(self, rules: LockoutRules, remembered: int = REMEMBERED) -> None:
        self._rules = rules
        self._remembered = remembered
        self._records: OrderedDict[Key, _Record] = OrderedDict()

    def failed(self, key: Key, now_us: int) -> bool:
        """An attempt has failed. True if this one begins a lock-out."""
        if not self._rules.failures or self.is_locked_out(key, now_us):
            return False
        record = self._records.setdefault(key, _Record())
        self._records.move_to_end(key)
        record.failed_us.append(now_us)
        while record.failed_us[0] <= now_us - self._rules.window_us:
            record.failed_us.popleft()
        begins = len(record.failed_us) >= self._rules.failures
        if begins:
            record.failed_us.clear()
            record.locked_until_us = now_us + self._rules.length_us
        if len(self._records) > self._remembered:
            self._forget_one()
        return begins

    def succeeded(self, key: Key) -> None:
        """The right PIN was entered: what failed before counts no more."""
        if (record := self._records.get(key)) is not None:
            record.failed_us.clear()
            if record.locked_until_us is None:
                del self._records[key]

    def is_locked_out(self, key: Key, now_us: int) -> bool:
        record = self._records.get(key)
        return record is not None and record.locked_until_us is not None and now_us < record.locked_until_us

    def take_ended(self, now_us: int) -> tuple[Key, ...]:
        """Those whose lock-out is over by now, each told once."""
        ended = tuple(
            key
            for key, record in self._records.items()
            if record.locked_until_us is not None and record.locked_until_us <= now_us
        )
        for key in ended:
            self._records[key].locked_until_us = None
            if not self._records[key].failed_us:
                del self._records[key]
        return ended

    def _forget_one(self) -> None:
        """The one whose last failure lies longest back, of those that are not locked out if there are any."""
        del self._records[
            next(
                (key for key, record in self._records.items() if record.locked_until_us is None),
                next(iter(self._records)),
            )
        ]
