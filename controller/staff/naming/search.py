"""Where a card was used: every sealed card of a time is opened, and compared with one.

Never here: a thread, or what is shown while it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from controller.core.naming import Refusal
from controller.settings.paths import JOURNALS, Paths
from controller.staff.naming.case import SAID
from controller.staff.naming.event import restricted
from controller.store.boxes import BoxReader
from controller.store.journal_reader import JournalMissing

if TYPE_CHECKING:
    from controller.core.event import Event
    from controller.staff.naming.case import Case
    from controller.staff.naming.keys import Keys
    from controller.store.boxes import Box

Progress = Callable[[str, int, int], bool]
"""Told the service, how many of its boxes were tried, and how many there are. False: go no further."""


@dataclass(slots=True)
class Found:
    """boxes: how many were tried. matching: with the service whose journal has it.

    missing_keys: how many are sealed to each key that was not brought. changed: do not open in their place.
    hidden: how many more are restricted, of which nothing else is told.
    """

    boxes: int = 0
    matching: list[tuple[str, Event]] = field(default_factory=list)
    missing_keys: dict[str, int] = field(default_factory=dict)
    changed: int = 0
    hidden: int = 0
    cancelled: bool = False

    @property
    def unreadable(self) -> int:
        return sum(self.missing_keys.values()) + self.changed

    def hide(self, ids: frozenset[str]) -> None:
        shown = [one for one in self.matching if one[1].id not in ids]
        self.hidden += len(self.matching) - len(shown)
        self.matching = shown


def search(case: Case, keys: Keys, card: bytes, progress: Progress) -> Found:
    """Where the card was used, once it is journalled what was opened. Nothing matches if it was cancelled.

    Raises NotNamed, Refused, DatabaseUnusable, JournalUnavailable.
    """
    ask, wanted = case.check(), case.wanted
    if ask is not None and asked_card(case.paths, ask, keys) != card:
        case.refuse(Refusal.SOMETHING_ELSE.value, SAID[Refusal.SOMETHING_ELSE].format(ask=ask.id))
    restricted(case)  # before a long search that could show nothing
    found = Found()
    try:
        _search(found, case.paths, keys, card, (wanted.start_us, wanted.end_us), progress)
    except KeyboardInterrupt:
        found.cancelled = True
    if ask is not None:
        found.matching = [one for one in found.matching if one[1].id != ask.id]
    found.matching.sort(key=lambda one: one[1].stamp.wall_us)
    found.hide(restricted(case))  # as it is now: it may have been placed meanwhile
    case.opened(
        keys.ids,
        boxes=found.boxes,
        found=len(found.matching),
        unreadable=found.unreadable,
        card=card,
        cancelled=found.cancelled,
    )
    if found.cancelled:
        found.matching = []
    return found


def asked_card(paths: Paths, ask: Event, keys: Keys) -> bytes | None:
    """Which card was asked for, in the event of the asking; None without its key. Raises BoxNotOpened."""
    with closing(BoxReader(paths.journal("console"))) as reader:
        contents = [keys.open(box) for box in reader.of_event(ask.id) if box.field == "card"]
    return contents[0] if contents else None


def _search(
    found: Found, paths: Paths, keys: Keys, card: bytes, time: tuple[int, int], progress: Progress
) -> None:
    for service in JOURNALS:
        with closing(BoxReader(paths.journal(service))) as reader:
            try:
                total = reader.count(*time)
                for tried, box in enumerate(reader.between(*time), 1):
                    _try(found, service, keys, card, box)
                    if not progress(service, tried, total):
                        found.cancelled = True
                        return
            except JournalMissing:
                continue


def _try(found: Found, service: str, keys: Keys, card: bytes, box: Box) -> None:
    from controller.secrets.identity import BoxNotOpened

    found.boxes += 1
    try:
        content = keys.open(box)
    except BoxNotOpened:
        found.changed += 1
        return
    if content is None:
        found.missing_keys[box.key_id] = found.missing_keys.get(box.key_id, 0) + 1
    elif content == card:
        found.matching.append((service, box.event))
