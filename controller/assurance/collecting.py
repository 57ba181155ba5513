"""The whole page, from a branch that is there. Reads, and changes nothing.

Never here: verifying journals, which takes a while and is shown with its progress by whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from controller.assurance import report
from controller.assurance.categories import kept
from controller.assurance.mechanisms import Found, mechanisms
from controller.assurance.report import Journal, Kept, Mechanism, Report, State
from controller.assurance.sources import Sources
from controller.assurance.words import moment
from controller.core.hold import Hold
from controller.core.local_time import local_date
from controller.core.notice import compare
from controller.keeping.opening import clock_source
from controller.notice.facts import facts_of
from controller.notice.published import NoticeUnreadable, Published, journalled, read
from controller.settings.paths import JOURNALS
from controller.store.engine import DatabaseUnusable
from controller.store.verification import Verification

CLOCKS = {
    "assumed": "it is believed without a reason, for demos and tests (clock.assume_trusted)",
    "synchronised": "it counts once the system was synchronised in this boot",
    "battery_or_synchronised": "it counts from a battery clock, or once the system was synchronised",
}


def collect(sources: Sources, verified: Mapping[str, Verification | str | None]) -> Report:
    """verified: of each service, what was found of its journal; None: there is none yet; text: why it could
    not be examined.
    """
    profile, settings, now = sources.profile, sources.settings, sources.now
    journals = tuple(_journal(service, verified.get(service)) for service in JOURNALS)
    notice = _notice(sources)
    categories = tuple(kept(sources))
    ways = tuple(mechanisms(sources, Found(categories, notice, journals)))
    today = local_date(now.wall_us, sources.zone)
    source = clock_source(settings)
    clock = report.Clock(now.clock_trusted, source, CLOCKS[source])
    left = tuple(map(str, profile.not_ready()))
    return Report(
        authority=profile.authority,
        branch=settings.branch.name,
        made_us=now.wall_us,
        version=version("libraries-unlocked"),
        profile=report.Profile(
            profile.id,
            profile.title,
            profile.sha256,
            str(profile.origin.file),
            left,
            profile.review_on.isoformat() if profile.review_on else "",
            profile.review_passed(today),
        ),
        notice=notice,
        clock=clock,
        kept=categories,
        mechanisms=ways,
        promises=tuple(_promises(sources, ways)),
        holds=tuple(_holds(sources)),
        restrictions=sum(not isinstance(one, Hold) and one.in_force for one in sources.protections or ()),
        journals=journals,
        unproved=tuple(_unproved(sources, clock, left, categories, journals)),
    )


def _journal(service: str, found: Verification | str | None) -> Journal:
    if found is None:
        return Journal(service, "", "there is no journal yet")
    if isinstance(found, str):
        return Journal(service, "unreadable", found)
    says = "whole" if found.ok else f"event {found.at_seq}: {found.fault}"
    return Journal(
        service,
        found.verdict.value,
        says,
        found.events,
        found.disposed,
        found.last_seq,
        found.own_seq,
        found.witnessed_seq,
        found.cannot_exclude,
    )


def _notice(sources: Sources) -> report.Notice:
    try:
        published = read(sources.paths.notice, journalled(sources.journals["console"]))
    except (NoticeUnreadable, DatabaseUnusable) as error:
        return report.Notice(State.NOT_KEPT, str(error), None, "", ())
    if published is None:
        return report.Notice(State.NOT_KEPT, "no privacy notice is published", None, "", ())
    return _compared(sources, published)


def _compared(sources: Sources, published: Published) -> report.Notice:
    differences = compare(published.facts, facts_of(sources.settings, sources.profile))
    lines = tuple(f"{'laxer: ' if one.laxer else ''}{one}" for one in differences)
    at = moment(published.wall_us, sources.zone)
    if any(one.laxer for one in differences):
        state, says = State.NOT_KEPT, f"more is done than the notice published on {at} says"
    elif differences:
        state, says = State.NOT_KEPT, f"the notice published on {at} is out of date"
    else:
        state, says = State.KEPT, f"the branch is as the notice published on {at} says"
    return report.Notice(state, says, published.wall_us, published.sha256, lines)


def _promises(sources: Sources, ways: Sequence[Mechanism]) -> Iterator[report.Promise]:
    states = {way.id: way.state for way in ways}
    for promise in sources.profile.promises:
        names = tuple(one.value for one in promise.keeps)
        yield report.Promise(
            promise.id,
            " ".join(promise.sentence.split()),
            report.worst(states[name] for name in names),
            names,
            promise.note or "",
        )


def _holds(sources: Sources) -> Iterator[report.Hold]:
    for one in sources.protections or ():
        if isinstance(one, Hold) and one.ended_us is None:
            yield report.Hold(
                one.id,
                one.authority,
                one.reference,
                one.scope.category.value,
                one.placed_us,
                one.review_us,
                one.review_us < sources.now.wall_us,
            )


def _unproved(
    sources: Sources,
    clock: report.Clock,
    left: Sequence[str],
    categories: Sequence[Kept],
    journals: Sequence[Journal],
) -> Iterator[str]:
    if left:
        yield f"that the authority wants this policy: the profile is a draft, and {len(left)} points are open"
    if not clock.trusted:
        yield "how old anything is: the clock is not set"
    elif clock.source == "assumed":
        yield "how old anything is: the clock is believed without a reason, which is for demos and tests"
    for one in journals:
        for doubt in one.cannot_exclude:
            yield f"{one.service}'s journal: {doubt}"
    for line in categories:
        if line.state is State.UNPROVED:
            yield f"{line.what}: {line.says}"
    if elsewhere := [line.what for line in categories if line.state is State.ELSEWHERE]:
        yield f"what the authority keeps outside the controller: {'; '.join(elsewhere)}"
    yield (
        "that a card or disk really forgets what was overwritten: flash memory can keep old content until it "
        "is used again"
    )
    if sources.settings.mqtt.enabled:
        yield "what became of events that were sent over MQTT: whoever received them answers for that"
    yield "what became of exported clips: whoever was given one answers for it; the journal has each"
