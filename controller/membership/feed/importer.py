"""From an open file to the set of memberships that counts: by hand and from a feed alike.

Here: reading, judging and filling in. Never here: where a file comes from, whether it is signed, or what
becomes of it afterwards.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Protocol

from controller.core.card import CardRules
from controller.core.event import JsonValue
from controller.core.pin import PinRules
from controller.membership.feed import order
from controller.membership.feed.members_file import MembersFile
from controller.membership.feed.name import FeedName
from controller.membership.feed.refusal import BadFile, Cause
from controller.membership.feed.rows import Counts
from controller.secrets import site_key
from controller.secrets.credentials import PIN_KEY, Secret
from controller.secrets.pin import PinHasher
from controller.settings.pin import PinSettings
from controller.settings.rules import pin_rules
from controller.store.members import MembershipSet
from controller.store.members_import import BaseChanged, Change, DuplicateMember, NewPins
from controller.store.members_owner import MembersOwner

TOLD_EVERY = 1_000
"""Rows between two calls of ``Progress.read``."""
HASHED_TOGETHER = 16
"""PINs between two calls of ``Progress.hashed``."""


class Progress(Protocol):
    """Told how far it is. What it raises ends the import, and the old set stays."""

    def read(self, size: int) -> None:
        """So many bytes of the file."""
        ...

    def filled(self, rows: int) -> None: ...

    def hashed(self, pins: int, of: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Pins:
    """How the branch reads and keeps PINs."""

    rules: PinRules
    hasher: PinHasher

    @classmethod
    def of(cls, pin: PinSettings, secret: Callable[[str], Secret]) -> Pins | None:
        """None where the branch keeps none. secret: by name. Raises SecretMissing."""
        if not pin.offline:
            return None
        return cls(pin_rules(pin), PinHasher(secret(PIN_KEY)))


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it. dropped: each personal column, and how many values stood in it."""

    members: MembershipSet
    is_delta: bool
    counts: Counts
    dropped: Counter[str]

    def data(self) -> dict[str, JsonValue]:
        """For the journal."""
        return {
            "members": self.members.count,
            "kind": "delta" if self.is_delta else "full",
            "put": self.counts.put,
            "removed": self.counts.removed,
            "pins": self.counts.with_pin,
            "as_of_us": self.members.as_of_us,
            "dropped_columns": len(self.dropped),
            "dropped_values": self.dropped.total(),
            "key_id": self.members.key_id,
        }


class Importer:
    """pins: None where the branch keeps none: the column is dropped then."""

    def __init__(self, members: MembersOwner, rules: CardRules, key: Secret, pins: Pins | None) -> None:
        self._members = members
        self._rules = rules
        self._key = key
        self._key_id = site_key.key_id(key)
        self._pins = pins

    def judge(self, name: FeedName, now_us: int, *, older: bool = False) -> None:
        """By its name alone. Raises BadFile, DatabaseUnusable."""
        order.judge(name, self._members.current_set(), self._key_id, now_us, older=older)

    def is_in_already(self, name: FeedName) -> bool:
        return order.is_in_already(name, self._members.current_set())

    def bring_in(
        self,
        file: BinaryIO,
        name: FeedName,
        now_us: int,
        progress: Progress,
        *,
        shrink: bool = False,
        older: bool = False,
    ) -> Imported:
        """Make what is in the file, from its start, the memberships that count.

        shrink, older: what is refused as an accident otherwise. Raises BadFile, ImportUnderway and
        DatabaseUnusable, and the old set stays.
        """

        def check(current: MembershipSet | None, count: int) -> None:
            order.judge(name, current, self._key_id, now_us, older=older)
            order.judge_size(current, count, shrink=shrink)

        base = self._members.current_set()
        order.judge(name, base, self._key_id, now_us, older=older)
        rules = self._pins.rules if self._pins else None
        with closing(
            MembersFile(file, name.format, self._rules, name.as_of_us, rules, delta=name.is_delta)
        ) as read:
            rows, pins = self._rows(read, file, progress), self._new_pins(read, progress)
            try:
                if name.is_delta:
                    assert base is not None  # or it would have been refused
                    members = self._members.merge_set(
                        rows,
                        base=base,
                        as_of_us=name.as_of_us,
                        progress=progress.filled,
                        pins=pins,
                        check=check,
                    )
                else:
                    members = self._members.import_set(
                        ((line, ref, m) for line, ref, m in rows if m is not None),
                        as_of_us=name.as_of_us,
                        key_id=self._key_id,
                        progress=progress.filled,
                        pins=pins,
                        check=check,
                    )
            except DuplicateMember as error:
                fault = BadFile(Cause.REPEATED_CARD, str(error))
                fault.line = error.second_line
                raise fault from None
            except BaseChanged as error:
                raise BadFile(Cause.NO_BASE, f"{error}; {order.WHOLE}") from None
            return Imported(members, name.is_delta, read.counts, read.dropped)

    def _rows(self, read: MembersFile, file: BinaryIO, progress: Progress) -> Iterator[Change]:
        for number, row in enumerate(read.rows()):
            if number % TOLD_EVERY == 0:
                progress.read(file.tell())
            yield row.line, site_key.member_ref(self._key, row.card), row.membership

    def _new_pins(self, read: MembersFile, progress: Progress) -> NewPins | None:
        if self._pins is None:
            return None
        hasher = self._pins.hasher
        return NewPins(hasher.key_id, self._verifiers(read, hasher, progress), lambda: not read.tells_pins)

    def _verifiers(
        self, read: MembersFile, hasher: PinHasher, progress: Progress
    ) -> Iterator[tuple[bytes, str]]:
        """The hash of each PIN. The file is read a second time: by now it is known that nothing is wrong with
        it, and hashing is slow. All processors but one take part, so that one is left to the door.
        """
        if not read.counts.with_pin:
            return
        done = 0
        with (
            closing(read.again()) as again,
            ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1)) as pool,
        ):
            with_pin = ((row.card, row.pin) for row in again.rows() if row.pin is not None)
            while some := list(islice(with_pin, HASHED_TOGETHER)):
                hashes = pool.map(hasher.hash, (pin for _, pin in some))
                for (card, _), verifier in zip(some, hashes, strict=True):
                    yield site_key.member_ref(self._key, card), verifier
                done += len(some)
                progress.hashed(done, read.counts.with_pin)
