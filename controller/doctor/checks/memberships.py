"""The branch's copy of the memberships: how old is it, and is it believed? Never here: any one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from controller.core.states.imported import ImportedState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok
from controller.settings.model import Settings
from controller.store.members import MembershipSet
from controller.store.members_view import MembersView

PART = "memberships"
HOUR_US = 3_600_000_000
HALF = 2
"""A copy past half of its time wants a look: the next may be late."""
FIRST = "import them with `unlocked members import`, or have them fetched (docs/feeds.md)"
IMPORT = "import a newer file (`unlocked members import`), or see why none has come (docs/feeds.md)"
LATE = "older"
"""Of a feed's file: it came twice, or was overtaken. No fault of anybody's."""


def look(context: Context) -> Iterator[Finding]:
    context.told("counting the memberships")
    with closing(MembersView(context.paths.members)) as view:
        current = view.counts(context.now.wall_us).current
    yield _copy(context, context.settings, current)
    if context.door is not None and not context.door.memberships:
        yield fault(
            PART, "the door cannot read the memberships: no card opens it", "see journals and permissions"
        )
    feed = context.journals["membership"].one(ImportedState)
    if feed.refused and feed.refused != LATE:
        yield fault(
            PART,
            f"the last file of the feed was not taken in: {feed.refused.replace('_', ' ')}",
            "docs/feeds.md says what to do about it; the branch goes on with what it has",
        )


def _copy(context: Context, settings: Settings, current: MembershipSet | None) -> Finding:
    if current is None:
        if settings.lms is not None:
            return hint(
                PART, "none is imported: without the library management system no card opens the door", FIRST
            )
        return fault(PART, "there are none: no card opens the door", FIRST)
    age_us = context.now.wall_us - current.as_of_us
    age = f"{current.count} memberships, {age_us // HOUR_US} h old"
    believed = f"they are believed for {settings.membership.membership_max_age_h} h"
    if age_us > settings.membership.max_age_us:
        return fault(PART, f"too old: {age}, and {believed}", IMPORT)
    if age_us * HALF > settings.membership.max_age_us:
        return hint(PART, f"{age}; {believed}", IMPORT)
    return ok(PART, f"{age}; {believed}")
