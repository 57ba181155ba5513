"""What keeps the promises that are no periods, and what of the branch shows that it does.

A mechanism that is built in and cannot be switched off counts as kept, with what was seen of it. Never here:
periods (``categories``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from controller.assurance.accounts import accounts, names
from controller.assurance.report import Journal, Kept, Mechanism, Notice, State
from controller.assurance.sources import Sources
from controller.assurance.words import many, moment
from controller.core.event import Event, EventType
from controller.core.hold import DAY_US, Hold
from controller.core.local_time import local_date
from controller.settings.policy.promises import HOW, Keeps
from controller.settings.staff import Role
from controller.store.engine import DatabaseMissing, DatabaseUnusable

LOOKED_BACK_DAYS = 30
SILENT_US = 2 * DAY_US
"""A recorder that records journals something every day: how long its disk will last, if nothing else."""
PAGES_WITH_FOOTAGE = ("footage:", "devices:picture")
"""By their names in ``console.refused``."""
Said = tuple[State, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out before."""

    kept: tuple[Kept, ...]
    notice: Notice
    journals: tuple[Journal, ...]


def mechanisms(sources: Sources, found: Found) -> Iterator[Mechanism]:
    """All that promises of this profile name, in the order in which they are listed."""
    named = {one for promise in sources.profile.promises for one in promise.keeps}
    for one in Keeps:
        if one in named:
            yield Mechanism(one.value, HOW[one], *_said(one, sources, found))


def _said(one: Keeps, sources: Sources, found: Found) -> Said:
    try:
        return SAYS[one](sources, found)
    except DatabaseUnusable as error:  # damaged, or not for whoever examines the branch
        return State.UNPROVED, f"it cannot be read: {error}"


def _doors(sources: Sources, _found: Found) -> Said:
    counts = _counts(
        sources, "door", EventType.ACCESS_GRANTED, EventType.ACCESS_REFUSED, EventType.ACCESS_OUTCOME
    )
    said = f"in {LOOKED_BACK_DAYS} days {many(counts[EventType.ACCESS_GRANTED], 'grant')} and " + many(
        counts[EventType.ACCESS_REFUSED], "refusal"
    )
    return State.KEPT, said


def _projection(sources: Sources, _found: Found) -> Said:
    # By hand on the machine, or of a feed and through the pages.
    each = (_last(sources, service, EventType.MEMBERSHIP_IMPORTED) for service in ("console", "membership"))
    imported = max((one for one in each if one), key=lambda one: one.stamp.wall_us, default=None)
    if imported is None:
        return (
            State.KEPT,
            "the table of memberships has no column for anything else; nothing was imported yet",
        )
    at = moment(imported.stamp.wall_us, sources.zone)
    return State.KEPT, f"the table of memberships has no column for anything else; last import {at}"


def _sealed(sources: Sources, _found: Found) -> Said:
    types = (EventType.IDENTITY_OPENED, EventType.IDENTITY_REFUSED)
    counts = _counts(sources, "console", *types, days=365)
    opened, refused = counts[types[0]], counts[types[1]]
    said = f"in a year opened {many(opened, 'time')}, each for a need, and {refused:,} refused"
    return State.KEPT, said


def _recording(sources: Sources, _found: Found) -> Said:
    if not sources.settings.cameras:
        return State.ELSEWHERE, "this branch has no camera"
    stopped = _last(sources, "recorder", EventType.RECORDING_STOPPED, EventType.STORAGE_FREED)
    started = _last(sources, "recorder", EventType.SERVICE_STARTED)
    gaps = _counts(sources, "recorder", EventType.RECORDING_GAP)[EventType.RECORDING_GAP]
    said = f"{many(gaps, 'gap')} in {LOOKED_BACK_DAYS} days, each journalled"
    if started is None:
        return State.NOT_KEPT, "the recorder has never run"
    ended = _last(sources, "recorder", EventType.SERVICE_STOPPED)
    if ended is not None and ended.seq > started.seq:
        return State.NOT_KEPT, f"the recorder has not run since {moment(ended.stamp.wall_us, sources.zone)}"
    if stopped is not None and stopped.type is EventType.RECORDING_STOPPED and stopped.seq > started.seq:
        cause = stopped.data.get("cause", "")
        at = moment(stopped.stamp.wall_us, sources.zone)
        return State.NOT_KEPT, f"nothing is recorded since {at} ({cause}); {said}"
    last_us = sources.journals["recorder"].rows(lambda rows: rows.latest_trusted_us()) or 0
    if last_us < sources.now.wall_us - SILENT_US:
        at = moment(last_us, sources.zone)
        return State.UNPROVED, f"nothing was heard of the recorder since {at}: does it run? {said}"
    return State.KEPT, said


def _built_in(what: str) -> Callable[[Sources, Found], Said]:
    return lambda _sources, _found: (State.KEPT, what)


def _not_yet(what: str) -> Callable[[Sources, Found], Said]:
    """Nothing of the controller keeps it."""
    return lambda _sources, _found: (State.UNPROVED, what)


def _exports(sources: Sources, _found: Found) -> Said:
    count = _counts(sources, "console", EventType.CLIP_EXPORTED, days=365)[EventType.CLIP_EXPORTED]
    return State.KEPT, f"{many(count, 'export')} in a year, each by hand, for a need, and journalled"


def _viewing(sources: Sources, _found: Found) -> Said:
    looks = (EventType.FOOTAGE_VIEWED, EventType.CLIP_SHOWN, EventType.CAMERA_PICTURE_TAKEN)
    taken = (EventType.FOOTAGE_STILL_TAKEN, EventType.CLIP_EXPORTED)
    counts = _counts(sources, "console", *looks, *taken, EventType.FOOTAGE_VIEW_REFUSED, days=365)
    refused = counts[EventType.FOOTAGE_VIEW_REFUSED] + _pages_refused(sources)
    today = local_date(sources.now.wall_us, sources.zone)
    trained = names(one for one in accounts(sources) if Role.CCTV in one.roles and one.is_trained(today))
    said = (
        f"{many(len(trained), 'account')} may view, with training in date; in a year "
        f"{many(sum(counts[one] for one in looks), 'viewing')}, "
        f"{many(counts[EventType.FOOTAGE_STILL_TAKEN], 'still')}, "
        f"{many(counts[EventType.CLIP_EXPORTED], 'export')} and "
        f"{many(refused, 'refusal')}. Who can read the footage folder as the "
        "machine's administrator is not held back by this"
    )
    return State.KEPT, said


def _pages_refused(sources: Sources) -> int:
    """Pages with footage, to accounts without the role or the training."""
    since_us = sources.now.wall_us - 365 * DAY_US
    with suppress(DatabaseMissing):
        refused = sources.journals["console"].since(since_us, (EventType.CONSOLE_REFUSED,))
        return sum(str(event.data.get("page")).startswith(PAGES_WITH_FOOTAGE) for event in refused)
    return 0


def _staff(sources: Sources, _found: Found) -> Said:
    today = local_date(sources.now.wall_us, sources.zone)
    found = accounts(sources)
    said = f"{many(len(names(one for one in found if one.roles)), 'account')} with roles"
    if lapsed := names(one for one in found if one.has_lapsed(today)):
        said += f"; training has lapsed, and the role with it, for {', '.join(lapsed)}"
    return State.KEPT, said


def _statistics(sources: Sources, _found: Found) -> Said:
    rules = sources.settings.console.statistics
    return State.KEPT, (
        f"no figure below {rules.suppressed_below} is told, and others are rounded to {rules.rounded_to}; of "
        "whole months alone; restricted events are left out. How many are inside is told as nothing below "
        "ten and fives above, if that is set"
    )


def _disposal(_sources: Sources, found: Found) -> Said:
    ours = [one for one in found.kept if one.state is not State.ELSEWHERE]
    overdue = sum(one.overdue for one in ours)
    if overdue:
        return State.NOT_KEPT, f"{overdue:,} overdue"
    if unproved := [one.what for one in ours if one.state is not State.KEPT]:
        return State.UNPROVED, f"not known of: {'; '.join(unproved)}"
    return State.KEPT, "nothing is overdue"


def _holds(sources: Sources, _found: Found) -> Said:
    if sources.protections is None:
        return State.NOT_KEPT, f"nothing is destroyed, since what is held cannot be known: {sources.lost}"
    in_force = [one for one in sources.protections if isinstance(one, Hold) and one.ended_us is None]
    late = [one for one in in_force if one.review_us < sources.now.wall_us]
    said = many(len(in_force), "hold in force", "holds in force")
    return State.KEPT, said + (f", of which {len(late)} should have been looked at again" if late else "")


def _notice(_sources: Sources, found: Found) -> Said:
    return found.notice.state, found.notice.says


def _journals(_sources: Sources, found: Found) -> Said:
    wrong = [f"{one.service}: {one.says}" for one in found.journals if one.verdict not in ("", "ok")]
    if wrong:
        return State.NOT_KEPT, "; ".join(wrong)
    if not any(one.verdict for one in found.journals):
        return State.UNPROVED, "there is no journal yet, or none any more"
    if any(one.cannot_exclude for one in found.journals):
        return State.UNPROVED, "every journal is whole as far as it shows; see what could not be proved"
    return State.KEPT, "every journal is whole, up to heads that were kept elsewhere"


SAYS: Mapping[Keeps, Callable[[Sources, Found], Said]] = {
    Keeps.DOOR_DECISIONS: _doors,
    Keeps.PROJECTION: _projection,
    Keeps.SEALED_IDENTITIES: _sealed,
    Keeps.RECORDING_WATCHED: _recording,
    Keeps.NO_ANALYTICS: _built_in("there is no part of the software that could, and audio is dropped"),
    Keeps.NO_REGULAR_EXPORT: _exports,
    Keeps.VIEWING_BY_NEED: _viewing,
    Keeps.DISCLOSURE_FORM: _not_yet("the authority keeps its forms itself; exports name a need, and no form"),
    Keeps.STAFF_ROLES: _staff,
    Keeps.STATISTICS_ANONYMISED: _statistics,
    Keeps.DISPOSAL: _disposal,
    Keeps.LEGAL_HOLDS: _holds,
    Keeps.NOTICE_COMPARED: _notice,
    Keeps.JOURNAL_PROOF: _journals,
    Keeps.ELSEWHERE: lambda _sources, _found: (State.ELSEWHERE, "outside this software"),
}


def _last(sources: Sources, service: str, *types: EventType) -> Event | None:
    try:
        return sources.journals[service].last(*types)
    except DatabaseMissing:
        return None


def _counts(
    sources: Sources, service: str, *types: EventType, days: int = LOOKED_BACK_DAYS
) -> dict[EventType, int]:
    found = dict.fromkeys(types, 0)
    with suppress(DatabaseMissing):
        for event in sources.journals[service].since(sources.now.wall_us - days * DAY_US, types):
            found[event.type] += 1
    return found
