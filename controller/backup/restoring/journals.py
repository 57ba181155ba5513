"""A journal from a backup, made ready: what was destroyed since goes again, and what is due by now goes.

The journal that is in place, as far as it can be read, tells what its certificates covered since the backup,
and which holds were placed. Then the rules: without that journal, whatever was destroyed by them since is due
by now as well. Never here: which journals are restored (``restoring``), and moving them in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from controller.core.certificate import Certificate, certificate_of
from controller.core.event import Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import OF_JOURNAL
from controller.core.protection import Protection
from controller.keeping.edge_rules import EdgeRule
from controller.keeping.journal_disposal import JournalDisposal, Page
from controller.keeping.known_holds import OVER, PLACED
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.journal_rows import Range, Rows

CARRIED = tuple({*PLACED, *OVER})
"""What the console's journal must go on telling: else a lost register would read as nothing held."""


@dataclass(slots=True)
class Since:
    """What the journal in place tells of the time after the backup. cut: it could not be read to its end."""

    certificates: list[Event] = field(default_factory=list)
    carried: list[Event] = field(default_factory=list)
    cut: bool = False


def since(path: Path, journal_id: str, after: int) -> Since:
    """Of the journal of this id; nothing of another. Never raises."""
    found = Since()
    with closing(JournalReader(path)) as reader:
        try:
            if reader.journal_id != journal_id:
                return found
            wanted = (EventType.DISPOSAL_CERTIFICATE, *CARRIED)
            while page := reader.read(after, types=wanted):
                for event in page:
                    certificate = event.type is EventType.DISPOSAL_CERTIFICATE
                    (found.certificates if certificate else found.carried).append(event)
                after = page[-1].seq
        except DatabaseUnusable:
            found.cut = True
    return found


def replay(journal: Journal, service: str, told: Sequence[Event], upto: int, now: Stamp) -> int:
    """Destroy what these certificates covered, of the events up to this number; how many went.

    A certificate of the same content follows each, since what is missing must be covered in this journal.
    """
    gone = 0
    for event in told:
        try:
            certificate = certificate_of(event)
        except ValueError:
            continue  # whoever changed it is found by verifying the journal it stands in
        if certificate.category == OF_JOURNAL[service].value:
            gone += _replay(journal, event, certificate, upto, now)
    return gone


def _replay(journal: Journal, told: Event, certificate: Certificate, upto: int, now: Stamp) -> int:
    def within(ranges: Sequence[Range]) -> list[Range]:
        return [(first, min(last, upto)) for first, last in ranges if first <= upto]

    events, boxes = within(certificate.event_seqs), within(certificate.box_seqs)
    if not events and not boxes:
        return 0
    spans = zip(certificate.event_seqs, certificate.times_us, strict=False)
    times = [span for (first, _), span in spans if first <= upto]
    count = 0

    def act(rows: Rows) -> NewEvent:
        nonlocal count
        count = sum(len(rows.between(*one)) for one in events)
        rows.destroy(events)
        rows.destroy_boxes(boxes)
        data: dict[str, JsonValue] = {
            **told.data,
            "started": told.data.get("started"),
            "replayed": told.id,
            "count": sum(last - first + 1 for first, last in events),
            "event_seqs": [list(one) for one in events],
            "times_us": [list(one) for one in times],
            "box_seqs": [list(one) for one in boxes],
        }
        return NewEvent(EventType.DISPOSAL_CERTIFICATE, told.subject, now, data)

    journal.destroy(act)
    return count


def destroy_due(
    journal: Journal,
    rule: EdgeRule,
    site: str,
    clock_source: str,
    protections: Callable[[], Sequence[Protection]],
    now: Stamp,
) -> int:
    """Whatever is due by now and not held, whoever waits; how many went. Raises DatabaseUnusable."""
    before_us = rule.due_before_us(now.wall_us)
    if before_us is None:
        return 0
    disposal = JournalDisposal(journal, rule, site, clock_source, protections)
    for started in disposal.unfinished():
        disposal.finish(started, before_us, now)
    count, after = 0, 0
    last = journal.read(lambda rows: rows.last_before(before_us))
    while after < last:

        def look(rows: Rows, after: int = after) -> Page:
            return disposal.look(rows, before_us, now.wall_us).page(after, last)

        page = journal.read(look)
        if page.due:
            disposal.destroy(page.due, before_us, now)
            count += len(page.due)
        after = page.upto
    return count


def restored(
    service: str, now: Stamp, data: dict[str, JsonValue], old: dict[str, JsonValue] | None
) -> NewEvent:
    """The event that says so, and names the head of what was there before."""
    return NewEvent(EventType.JOURNAL_RESTORED, service, now, {**data, "old": dict(old or {})})


def carried(events: Sequence[Event], now: Stamp) -> list[NewEvent]:
    """The same again, in the restored journal."""
    return [NewEvent(one.type, one.subject, now, {**one.data, "restored_from": one.id}) for one in events]
