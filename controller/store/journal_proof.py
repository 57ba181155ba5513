"""What proves that an event is what was journalled: its place in the chain, and the newest signed head.

Here: one event. Never here: a journal as a whole (``verify``), or whether a signature is good.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from controller.core import chain
from controller.core.event import Event

_LINK = "SELECT leaf, head FROM chain WHERE seq = ?"
_BOXES = "SELECT field, box FROM sealed WHERE seq = ?"
_NEWEST = "SELECT seq, wall_us FROM signed_head WHERE seq >= ? ORDER BY seq DESC LIMIT 1"
_SINCE_VERSION = 2
"""Journals of earlier releases have no signed heads."""


@dataclass(frozen=True, slots=True)
class Proof:
    """leaf, head: the event's own. as_journalled: whether it makes that leaf, and that head after the one
    before; None: a sealed value of it was destroyed, without which nobody can tell.

    signed_seq, signed_us: up to where and when the newest head was signed that speaks for it, if one does.
    """

    journal_id: str
    leaf: bytes
    head: bytes
    as_journalled: bool | None
    signed_seq: int | None
    signed_us: int | None


def proof(driver: sqlite3.Connection, event: Event) -> Proof | None:
    """None for an event that has no place in the chain of this journal."""
    link = driver.execute(_LINK, (event.seq,)).fetchone()
    journal = driver.execute("SELECT id FROM journal").fetchone()
    if link is None or journal is None:
        return None
    (journal_id,), (leaf, head) = journal, link
    before = driver.execute(_LINK, (event.seq - 1,)).fetchone()
    head_before = before[1] if before else chain.first_head(journal_id)
    boxes = dict(driver.execute(_BOXES, (event.seq,)))
    same: bool | None = None
    if None not in boxes.values():
        same = chain.leaf(event, boxes) == leaf and chain.head(head_before, leaf) == head
    signed = None
    if driver.execute("PRAGMA user_version").fetchone()[0] >= _SINCE_VERSION:
        signed = driver.execute(_NEWEST, (event.seq,)).fetchone()
    return Proof(journal_id, leaf, head, same, *(signed or (None, None)))
