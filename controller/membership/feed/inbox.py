"""What becomes of the files that appear in a feed: imported in order of their times, or refused, once.

A file is deleted after its import, because it holds card numbers. A crash between any two steps loses
nothing and imports nothing twice: the set that counts tells which file was the last. Here: what is done at
one look, as plain calls. Never here: waiting, threads (``thread``), or what a place is like.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import closing

from controller.core.event import EventType, JsonValue, Stamp
from controller.membership.feed import signed
from controller.membership.feed.importer import Importer, Progress
from controller.membership.feed.name import FeedName
from controller.membership.feed.place import SIGNATURE_WAIT_US, Changed, Offer, Place, PlaceUnusable
from controller.membership.feed.refusal import BadFile, Cause
from controller.secrets.minisign import PublicKey
from controller.store.engine import DatabaseUnusable
from controller.store.journal import JournalUnavailable
from controller.store.members_owner import ImportUnderway

log = logging.getLogger(__name__)

AHEAD_US = 3_600_000_000
"""So far the clock of whoever writes the files may be ahead of ours: such a file waits."""

Record = Callable[[EventType, dict[str, JsonValue]], None]
"""Journals an event, durably. Raises JournalUnavailable."""


class FeedInbox:
    """For one thread. key: of whoever signs the files; None: signatures are not looked at.

    last_imported: the data of the import that was journalled last, None if none was. progress: what it raises
    ends a look.
    """

    def __init__(
        self,
        place: Place,
        importer: Importer,
        key: PublicKey | None,
        record: Record,
        last_imported: Callable[[], Mapping[str, JsonValue] | None],
        progress: Progress,
    ) -> None:
        self._place = place
        self._importer = importer
        self._key = key
        self._record = record
        self._last_imported = last_imported
        self._progress = progress
        self._done_with: set[tuple[str, tuple[int, ...]]] = set()
        """Files that the place let us neither remove nor rename."""
        self._trouble = ""

    def look(self, now: Stamp) -> bool:
        """See to whatever is there; whether to look again soon, since something is still coming."""
        if not now.clock_trusted:
            return False  # nobody could say which file is from the future
        soon = False
        trouble = ""
        try:
            self._place.drop_refused(now.wall_us)
            offers = self._place.look(now.wall_us)
            soon = offers.growing
            for offer in sorted(offers.files, key=_order):
                if (offer.text, offer.version) not in self._done_with:
                    soon |= self._see_to(offer, now.wall_us, more_coming=soon)
        except (PlaceUnusable, DatabaseUnusable, JournalUnavailable, ImportUnderway) as error:
            trouble = str(error)
        except OSError as error:
            trouble = error.strerror or str(error)
        if trouble != self._trouble:
            log.log(logging.WARNING if trouble else logging.INFO, "feed: %s", trouble or "usable again")
            self._trouble = trouble
        return soon

    def _see_to(self, offer: Offer, now_us: int, *, more_coming: bool) -> bool:
        """Whether it has to wait. more_coming: another file does, which may be what this one needs."""
        if offer.name is None:
            assert offer.fault is not None
            self._refuse(offer, offer.fault)
            return False
        if now_us < offer.name.as_of_us <= now_us + AHEAD_US:
            return True
        unsigned = self._key is not None and not offer.signed
        in_already = self._importer.is_in_already(offer.name)
        if unsigned and not in_already and offer.waited_us < SIGNATURE_WAIT_US:
            return True
        try:
            if self._is_in_already(offer.name):
                self._remove(offer)
            else:
                self._importer.judge(offer.name, now_us)
                self._import(offer, offer.name, now_us)
        except Changed:
            return True
        except BadFile as fault:
            if more_coming and fault.cause in (Cause.GAP, Cause.NO_BASE):
                return True
            self._refuse(offer, fault)
        return False

    def _import(self, offer: Offer, name: FeedName, now_us: int) -> None:
        file, signature = self._place.take(offer)
        with closing(file):
            if self._key is not None:
                signed.check(file, name.text, signature, self._key, name_counts=True)
                file.seek(0)
            imported = self._importer.bring_in(file, name, now_us, self._progress)
        self._record(EventType.MEMBERSHIP_IMPORTED, imported.data() | {"file": name.tag})
        log.info("feed: %s imported, %d memberships", name.text, imported.members.count)
        self._remove(offer)

    def _is_in_already(self, name: FeedName) -> bool:
        """It was imported, and something came between; what is not journalled yet is journalled now."""
        if not self._importer.is_in_already(name):
            return False
        last = self._last_imported()
        if last is not None and last.get("as_of_us") == name.as_of_us:
            if last.get("file") in (None, name.tag):
                return True
            raise BadFile(Cause.OLDER, "another file of the same time was imported; put all into one")
        kind = "delta" if name.is_delta else "full"
        data: dict[str, JsonValue] = {"kind": kind, "as_of_us": name.as_of_us, "file": name.tag}
        self._record(EventType.MEMBERSHIP_IMPORTED, data | {"already": True})
        return True

    def _remove(self, offer: Offer) -> None:
        if not self._place.remove(offer):
            log.warning("feed: %s holds card numbers and cannot be deleted there; see to it", offer.text)
            self._done_with.add((offer.text, offer.version))

    def _refuse(self, offer: Offer, fault: BadFile) -> None:
        data: dict[str, JsonValue] = {"reason": fault.cause.value}
        if fault.line is not None:
            data["line"] = fault.line
        if fault.column:
            data["column"] = fault.column
        if fault.cause is Cause.OLDER:
            if not self._place.refuse(offer):
                # A place that we may only read: it has been imported long ago.
                self._done_with.add((offer.text, offer.version))
                return
            self._record(EventType.MEMBERSHIP_FEED_REFUSED, data)
            # Files are sent twice, or overtake each other: that is no fault of the branch's.
            log.warning("feed: %s came too late and is left out: %s", offer.text, fault)
            return
        self._record(EventType.MEMBERSHIP_FEED_REFUSED, data)
        log.error("feed: %s is refused: %s", offer.text, fault.with_remedy())
        if not self._place.refuse(offer):
            self._done_with.add((offer.text, offer.version))


def _order(offer: Offer) -> tuple[int, bool, int, str]:
    return offer.name.order if offer.name is not None else (0, False, 0, offer.text)
