"""May it record? Only under a policy profile with a period for footage, and as the published notice says.

Whatever the answer, the door works, and footage that is due is destroyed. Never here: stopping and starting
cameras (``main``, ``service``), and what the notice says (``controller.notice``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from controller.core.event import EventType, JsonValue
from controller.core.notice import Difference, compare
from controller.notice.facts import facts_of
from controller.notice.published import NoticeUnreadable, Published, journalled, read
from controller.recorder.happenings import GapCause
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.policy.load import PolicyUnusable, load_profile
from controller.settings.policy.profile import Profile
from controller.store.engine import DatabaseUnusable
from controller.store.journal_reader import JournalReader


class Cause(StrEnum):
    """Why nothing may be recorded."""

    NO_PROFILE = "no_profile"
    PROFILE_UNUSABLE = "profile_unusable"
    DRAFT = "draft"
    NO_CCTV_PERIOD = "no_cctv_period"
    OUTSIDE_PERIOD = "outside_period"
    NOTICE_NOT_PUBLISHED = "notice_not_published"
    NOTICE_UNREADABLE = "notice_unreadable"
    NOTICE_LAXER = "notice_laxer"


NOT_IN_FORCE = frozenset({Cause.NO_PROFILE, Cause.PROFILE_UNUSABLE, Cause.DRAFT})


@dataclass(frozen=True, slots=True)
class Refusal:
    """text: what is wrong, and what to do, for people."""

    cause: Cause
    text: str


@dataclass(frozen=True, slots=True)
class Permission:
    """refusals: empty, and it may record. hints: what should be seen to. differences: from the notice."""

    refusals: tuple[Refusal, ...] = ()
    hints: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    profile: Profile | None = None

    @property
    def may_record(self) -> bool:
        return not self.refusals

    def events(self) -> Iterator[tuple[EventType, dict[str, JsonValue]]]:
        """What the recorder journals of it at its start. Enumerations, hashes and keys only."""
        causes = [refusal.cause for refusal in self.refusals]
        reasons: list[JsonValue] = [cause.value for cause in causes]
        if NOT_IN_FORCE.intersection(causes):
            yield EventType.POLICY_UNUSABLE, {"reasons": reasons}
        elif self.profile is not None:
            status = "live" if self.profile.live else "draft"
            data = {"profile": self.profile.id, "policy": self.profile.sha256, "status": status}
            yield EventType.POLICY_IN_FORCE, {**data}
        if self.differences:
            laxer: list[JsonValue] = [one.key for one in self.differences if one.laxer]
            other: list[JsonValue] = [one.key for one in self.differences if not one.laxer]
            yield EventType.NOTICE_DIFFERS, {"laxer": laxer, "other": other}
        if self.refusals:
            yield EventType.RECORDING_STOPPED, {"cause": GapCause.POLICY.value, "reasons": reasons}


PERMITTED = Permission()


def ask(settings: Settings, console: JournalReader, today: date) -> Permission:
    """What profile and published notice say of these settings now. console: staff's journal."""
    return permission(settings, profile_of(settings), published_notice(settings, console), today)


def profile_of(settings: Settings) -> Profile | PolicyUnusable | None:
    """The policy profile of the branch; None where none is set."""
    if settings.policy.profile is None:
        return None
    try:
        return load_profile(settings.policy.profile)
    except PolicyUnusable as error:
        return error


def published_notice(settings: Settings, console: JournalReader) -> Published | NoticeUnreadable | None:
    """The notice that was published last; None if none ever was. console: staff's journal."""
    try:
        return read(Paths.of(settings).notice, journalled(console))
    except DatabaseUnusable as error:
        return NoticeUnreadable(f"which notice was published cannot be known: {error}")
    except NoticeUnreadable as error:
        return error


def permission(
    settings: Settings,
    profile: Profile | PolicyUnusable | None,
    published: Published | NoticeUnreadable | None,
    today: date,
) -> Permission:
    """profile, published: None where there is none; what went wrong where it cannot be read.

    today: at the branch. Without a camera there is nothing to permit.
    """
    if not settings.cameras:
        return Permission(profile=profile if isinstance(profile, Profile) else None)
    if profile is None:
        text = "policy.profile is not set; name the profile of your authority (docs/policies.md)"
        return Permission((Refusal(Cause.NO_PROFILE, text),))
    if isinstance(profile, PolicyUnusable):
        return Permission((Refusal(Cause.PROFILE_UNUSABLE, f"the policy profile cannot be used: {profile}"),))
    differences: tuple[Difference, ...] = ()
    if isinstance(published, Published):
        differences = tuple(compare(published.facts, facts_of(settings, profile)))
    refusals = (
        *_by_the_profile(settings, profile),
        *_by_the_notice(profile, published, differences),
    )
    hints = tuple(_hints(settings, profile, published, differences, today))
    return Permission(refusals, hints, differences, profile)


def _by_the_profile(settings: Settings, profile: Profile) -> Iterator[Refusal]:
    file = profile.origin.file
    left = profile.not_ready()
    if left and not settings.policy.draft:
        each = "\n".join(f"{file}: {one}" for one in left)
        yield Refusal(Cause.DRAFT, f"{file}: the profile is a draft, and policy.draft is not set:\n{each}")
    window, days = profile.cctv, settings.footage.retention_days
    if window is None:
        yield Refusal(Cause.NO_CCTV_PERIOD, f"{file}: the notice lacks a sentence: {profile.cctv_missing}")
    elif not window.min_days <= days <= window.max_days:
        yield Refusal(
            Cause.OUTSIDE_PERIOD,
            f"footage.retention_days = {days}, and the profile says {window.in_words}; set it within these",
        )


def _by_the_notice(
    profile: Profile, published: Published | NoticeUnreadable | None, differences: tuple[Difference, ...]
) -> Iterator[Refusal]:
    if isinstance(published, NoticeUnreadable):
        yield Refusal(Cause.NOTICE_UNREADABLE, str(published))
    elif published is None and profile.live:
        text = (
            "no privacy notice is published; `unlocked notice write` makes it, `publish` says that it is out"
        )
        yield Refusal(Cause.NOTICE_NOT_PUBLISHED, text)
    if laxer := [difference for difference in differences if difference.laxer]:
        each = "\n".join(str(difference) for difference in laxer)
        remedy = "set it back, or publish the notice anew (`unlocked notice publish`)"
        yield Refusal(Cause.NOTICE_LAXER, f"more is done than the published notice says; {remedy}:\n{each}")


def _hints(
    settings: Settings,
    profile: Profile,
    published: Published | NoticeUnreadable | None,
    differences: tuple[Difference, ...],
    today: date,
) -> Iterator[str]:
    if profile.not_ready() and settings.policy.draft:
        yield draft_banner(profile)
        if published is None:
            yield "no privacy notice is published; a profile that is live needs one"
    if profile.review_passed(today):
        day = profile.review_on
        yield f"{profile.origin.file}: review_on: {day} has passed; look at it again and set a new date"
    for difference in differences:
        if not difference.laxer:
            yield f"not as in the published notice: {difference}"


def draft_banner(profile: Profile) -> str:
    """What demo, ``run``, ``check`` and logs say of a profile that is not live."""
    keys = [
        left.key.removeprefix("assumptions[").removesuffix("].accepted_by") for left in profile.not_ready()
    ]
    return f"DRAFT POLICY PROFILE: {profile.title}: not settled: {', '.join(keys)}"
