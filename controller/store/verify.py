"""Is a journal whole? Every leaf, every head, and a certificate for whatever is missing.

Here: checking. Never here: repairing. A cut-off end cannot be seen from the journal alone; whoever holds
an earlier head (a receiver, a signed record) can tell.

A ``disposal.certificate`` covers what it names in its data: ``event_seqs`` and ``box_seqs``, each a
list of ``[first seq, last seq]``, both inclusive. It counts only for what came before itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select

from controller.core import chain
from controller.core.event import EventType
from controller.store.journal_reader import event_of
from controller.store.reader import Reader
from controller.store.schema import chain as chain_table
from controller.store.schema import event as event_table
from controller.store.schema import journal as journal_table
from controller.store.schema import sealed as sealed_table

TOLD_EVERY = 1000
"""Links between two words on how far it has got."""


@dataclass(frozen=True, slots=True)
class Verification:
    """events: still there. disposed: gone, under a certificate. fault: what is wrong first, at ``at_seq``."""

    ok: bool
    events: int
    disposed: int
    fault: str | None = None
    at_seq: int | None = None


class _Fault(Exception):
    def __init__(self, seq: int, fault: str) -> None:
        super().__init__(fault)
        self.seq = seq


def verify(path: Path, told: Callable[[int, int], None] | None = None) -> Verification:
    """Check the journal at ``path``, beside its owner or without. Raises DatabaseUnusable.

    told: called from time to time with how many links have been checked, and how many there are.
    """
    reader = Reader(path)
    try:
        return reader.read(lambda connection: _verify(connection, told))
    finally:
        reader.close()


def _verify(connection: Connection, told: Callable[[int, int], None] | None) -> Verification:
    events = disposed = 0
    length = connection.scalar(select(func.max(chain_table.c.seq))) or 0
    try:
        for present in _links(connection):
            events += present
            disposed += not present
            if told is not None and (events + disposed) % TOLD_EVERY == 0:
                told(events + disposed, length)
        _nothing_beside_the_chain(connection)
    except _Fault as fault:
        return Verification(False, events, disposed, str(fault), fault.seq)
    return Verification(True, events, disposed)


def _links(connection: Connection) -> Iterator[bool]:
    """Check link after link; for each whether its event is there."""
    certificates = _Certificates(connection)
    head = chain.first_head(connection.scalar(select(journal_table.c.id)) or "")
    links = groupby(_joined(connection), key=lambda row: int(row.link))
    for expected, (seq, rows) in enumerate(links, start=1):
        if seq != expected:
            raise _Fault(expected, "it is missing from the chain")
        boxes = list(rows)
        link = boxes[0]
        _check_leaf(link, boxes, certificates)
        head = chain.head(head, link.leaf)
        if head != link.head:
            raise _Fault(seq, "its head does not follow from the one before")
        yield link.seq is not None


def _joined(connection: Connection) -> Iterator[Row[Any]]:
    """A row for each link and box, in order, whether or not the event and the box are there."""
    query = (
        select(
            chain_table.c.seq.label("link"),
            chain_table.c.leaf,
            chain_table.c.head,
            *event_table.c,
            sealed_table.c.field,
            sealed_table.c.box,
        )
        .select_from(
            chain_table.outerjoin(event_table, event_table.c.seq == chain_table.c.seq).outerjoin(
                sealed_table, sealed_table.c.seq == chain_table.c.seq
            )
        )
        .order_by(chain_table.c.seq)
    )
    return iter(connection.execution_options(yield_per=1000).execute(query))


def _check_leaf(link: Row[Any], boxes: Sequence[Row[Any]], certificates: _Certificates) -> None:
    seq = int(link.link)
    if link.seq is None:
        if not certificates.cover("event_seqs", seq):
            raise _Fault(seq, "the event is missing and no later certificate covers it")
        return
    sealed = {row.field: row.box for row in boxes if row.field is not None}
    if None in sealed.values():
        # Its leaf includes the hash of what was destroyed, so that only the head speaks for it now.
        if not certificates.cover("box_seqs", seq):
            raise _Fault(seq, "a sealed box is missing and no later certificate covers it")
        return
    try:
        leaf = chain.leaf(event_of(link), sealed)
    except (ValueError, TypeError) as error:
        raise _Fault(seq, f"the event cannot be read: {error}") from None
    if leaf != link.leaf:
        raise _Fault(seq, "the event or one of its boxes was changed")


class _Certificates:
    """What the certificates of this journal cover."""

    def __init__(self, connection: Connection) -> None:
        self._ranges: dict[str, list[tuple[int, int]]] = {"event_seqs": [], "box_seqs": []}
        query = select(event_table.c.seq, event_table.c.data).where(
            event_table.c.type == EventType.DISPOSAL_CERTIFICATE.value
        )
        for seq, data in connection.execute(query):
            try:
                named = json.loads(data)
                found = {
                    kind: [(int(first), int(last)) for first, last in named.get(kind, ()) if int(last) < seq]
                    for kind in self._ranges
                }
            except (ValueError, TypeError, AttributeError):
                continue  # it was changed, which its own leaf will tell
            for kind, ranges in found.items():
                self._ranges[kind] += ranges

    def cover(self, kind: str, seq: int) -> bool:
        return any(first <= seq <= last for first, last in self._ranges[kind])


def _nothing_beside_the_chain(connection: Connection) -> None:
    """Rows without a link were never appended by a journal."""
    for table in (event_table, sealed_table):
        stray = (
            select(table.c.seq)
            .select_from(table.outerjoin(chain_table, chain_table.c.seq == table.c.seq))
            .where(chain_table.c.seq.is_(None))
            .limit(1)
        )
        seq = connection.scalar(stray)
        if seq is not None:
            raise _Fault(seq, f"a row of {table.name} has no place in the chain")
