"""Whose card it was: the card number that is sealed in one event."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from controller.settings.paths import JOURNALS, Paths
from controller.staff import hidden
from controller.staff.refusal import Refused
from controller.store.boxes import BoxReader
from controller.store.journal_reader import JournalMissing, JournalReader

if TYPE_CHECKING:
    from controller.staff.naming.case import Case
    from controller.staff.naming.keys import Keys
    from controller.store.boxes import Box

RESTRICTED = (
    "the processing of this event is restricted: until that is lifted it is only stored, and named for "
    "the member's own request (subject_request) or a legal claim (legal_claim) alone"
)


def sealed_card(paths: Paths, event_id: str) -> Box:
    """The box with the card of this event. Raises Refused where there is none, and DatabaseUnusable."""
    there = False
    for service in JOURNALS:
        path = paths.journal(service)
        with closing(BoxReader(path)) as boxes, closing(JournalReader(path)) as events:
            try:
                found = [box for box in boxes.of_event(event_id) if box.field == "card"]
                there = there or events.find(event_id) is not None
            except JournalMissing:
                continue
        if found:
            return found[0]
    if there:
        raise Refused("no card is sealed in it: none was read, or it was a stranger's")
    raise Refused("there is no such event, or it was destroyed when it was due")


def restricted(case: Case) -> frozenset[str]:
    """The events that are not to be named in this case. Raises NotNamed if nobody knows which."""
    if case.wanted.reason.reaches_restricted:
        return frozenset()
    found = hidden.look_up(case.paths)
    try:
        found.check_known()
    except Refused as error:
        case.refuse("restrictions_unknown", str(error))
    return found.event_ids


def name(case: Case, keys: Keys, box: Box) -> str:
    """The card number in the box, once it is journalled that it was opened. Raises NotNamed, Refused."""
    from controller.secrets.identity import BoxNotOpened

    case.check()
    if box.event.id in restricted(case):
        case.refuse("restricted", RESTRICTED)
    try:
        content = keys.open(box)
    except BoxNotOpened as error:
        case.opened(keys.ids, boxes=1, found=0, unreadable=1)
        raise Refused(f"{error}: verify the journal") from error
    case.opened(keys.ids, boxes=1, found=int(content is not None), unreadable=int(content is None))
    if content is None:
        raise Refused(f"it is sealed to the key {box.key_id}; bring that one's file")
    return content.decode()
