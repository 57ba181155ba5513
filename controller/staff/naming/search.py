"""Where a card was used: every sealed card of a time is opened, and compared with one.

Never here: a thread, or what is shown while it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
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

Progress = Callable[[int, int], bool]
"""Told how many boxes were tried, and how many there are. False: go no further."""


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
    ask = case.check()
    if ask is not None and asked_card(case.paths, ask, keys) != card:
        case.refuse(Refusal.SOMETHING_ELSE.value, SAID[Refusal.SOMETHING_ELSE].format(ask=ask.id))
    restricted(case)  # before a long search that could show nothing
    found, ids = Found(), keys.ids  # they may be forgotten meanwhile, which cancels the search
    try:
        _search(found, case, keys, card, progress)
    except KeyboardInterrupt:
        found.cancelled = True
    found.matching.sort(key=lambda one: one[1].stamp.wall_us)
    found.hide(restricted(case))  # as it is now: it may have been placed meanwhile
    case.opened(
        ids,
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


def _search(found: Found, case: Case, keys: Keys, card: bytes, progress: Progress) -> None:
    """All but what asks for this search."""
    time = (case.wanted.start_us, case.wanted.end_us)
    with ExitStack() as closing_all:
        readers: list[tuple[str, BoxReader]] = []
        total = 0
        for service in JOURNALS:
            reader = closing_all.enter_context(closing(BoxReader(case.paths.journal(service))))
            try:
                total += reader.count(*time)
            except JournalMissing:
                continue
            readers.append((service, reader))
        for service, reader in readers:
            for box in reader.between(*time):
                if box.event.id == case.ask_id:
                    continue
                _try(found, service, keys, card, box)
                if not progress(found.boxes, max(total, found.boxes)):
                    found.cancelled = True
                    return


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
