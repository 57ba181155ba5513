"""What holds, restrictions and disposals are called on pages.

Never here: which there are.
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.hold import Category
from controller.core.restriction import Ground, Means

THINGS: Mapping[Category, str] = {
    Category.FOOTAGE: "Footage",
    Category.ACCESS_EVENTS: "Door events",
    Category.DEVICE_EVENTS: "Device events",
    Category.STAFF_ACTIONS: "What staff did",
    Category.MEMBERSHIPS: "Dropped memberships",
    Category.REGISTERS: "Holds and restrictions that are over",
}
HINTS: Mapping[Category, str] = {
    Category.FOOTAGE: "What the cameras recorded",
    Category.ACCESS_EVENTS: "Who was let in or refused, doors that opened, alarms",
    Category.DEVICE_EVENTS: "What cameras, memberships and the link to the broker told",
    Category.STAFF_ACTIONS: "Who looked at what, here and on the command line",
    Category.MEMBERSHIPS: "Memberships that the library management system no longer has",
    Category.REGISTERS: "The entries on these pages, after their end",
}
PIECES: Mapping[Category, str] = {
    Category.FOOTAGE: "files of footage",
    Category.ACCESS_EVENTS: "door events",
    Category.DEVICE_EVENTS: "device events",
    Category.STAFF_ACTIONS: "events of what staff did",
    Category.MEMBERSHIPS: "sets of dropped memberships",
    Category.REGISTERS: "entries",
}
"""What is counted of each."""
GROUNDS: Mapping[Ground, str] = {
    Ground.ACCURACY: "It may be wrong, and that is being looked into",
    Ground.UNLAWFUL: "It should not have been kept, and the person wants it stored all the same",
    Ground.CLAIM: "The person needs it for a legal claim",
    Ground.OBJECTION: "The person objects, and that is being looked into",
}
"""UK GDPR, article 18(1), (a) to (d)."""
MEANS: Mapping[Means, str] = {
    Means.LETTER: "By letter",
    Means.EMAIL: "By e-mail",
    Means.TELEPHONE: "By telephone",
    Means.IN_PERSON: "In person",
}
JOURNALS: Mapping[str, str] = {
    "door": "the doors",
    "recorder": "the recorder",
    "membership": "the keeper of memberships",
    "uplink": "the link to the broker",
    "console": "the staff pages",
}
"""Whose a journal is."""


def amount(count: int, category: Category) -> str:
    """Such as 1,200 door events."""
    return f"{count:,} {PIECES[category]}" if count != 1 else f"1 {_one(PIECES[category])}"


def _one(pieces: str) -> str:
    first, _, rest = pieces.partition(" of ")
    single = first[:-3] + "y" if first.endswith("ies") else first.removesuffix("s")
    return f"{single} of {rest}" if rest else single
