"""Facts of a branch in plain sentences: from settings and policy profile to the content of the notice.

Sentences of the authority's own notice are quoted as the profile has them. Never here: how it looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from controller.core.passback import Policy
from controller.notice.content import CameraRow, Content, KeptRow, RecipientRow, RightRow
from controller.notice.facts import how_long, modes
from controller.settings.model import Settings
from controller.settings.policy.profile import Profile
from controller.settings.policy.promises import Keeps
from controller.settings.policy.rules import Duration
from controller.settings.policy.tables import Answer, Right
from controller.settings.recording import CameraSettings

RECORDED = {
    "off": "not recorded",
    "activity": "recorded while something moves, or happens at a door",
    "continuous": "recorded all the time",
}
HOURS = {"staffed": "with staff", "unstaffed": "open without staff", "closed": "closed"}
RIGHTS = {
    Right.ACCESS: "A copy of what is held about you",
    Right.RECTIFICATION: "Have what is wrong corrected",
    Right.COMPLETION: "Have what is incomplete completed",
    Right.ERASURE: "Have it erased",
    Right.RESTRICTION: "Have its use restricted",
    Right.PORTABILITY: "Take it elsewhere",
    Right.OBJECTION: "Object to its use",
}
ANSWERS = {
    Answer.YES: "Yes. Ask us.",
    Answer.CASE_BY_CASE: "That depends on the case. Ask us: a person decides.",
    Answer.NOT_REQUIRED: "We are not required to. Ask us all the same: a person answers.",
    Answer.UNSTATED: "Ask us: a person answers.",
}


def content_of(settings: Settings, profile: Profile) -> Content:
    """The notice of this branch, as it is set now."""
    notice = profile.notice
    recorded = profile.cctv is not None and bool(settings.cameras)
    return Content(
        title=notice.title,
        authority=notice.controller,
        branch=settings.branch.name,
        dated=_day(notice.dated),
        review_on=_day(profile.review_on),
        draft=tuple(_left_to_do(profile)),
        purposes=notice.purposes,
        collected=notice.collected,
        lawful_bases=notice.lawful_bases,
        at_the_door=tuple(_at_the_door(settings)),
        cameras=tuple(_camera(camera) for camera in settings.cameras) if recorded else (),
        of_pictures=tuple(_of_pictures(settings)) if recorded else (),
        no_pictures=_no_pictures(settings, profile),
        cctv=_cctv(settings, profile) if recorded else "",
        why_cameras=tuple(
            promise.sentence for promise in profile.promises if Keeps.RECORDING_WATCHED in promise.keeps
        ),
        access_log=_access_log(profile),
        kept=tuple(_kept(settings, profile)),
        viewing=tuple(_viewing(profile, recorded=recorded)),
        recipients=tuple(RecipientRow(to.who, to.reasons) for to in profile.recipients),
        sharing=notice.sharing,
        holds=tuple(_holds(profile)),
        rights=tuple(RightRow(RIGHTS[right.right], ANSWERS[right.answer]) for right in profile.rights),
        contact=(notice.contact or notice.controller,),
        complaints=notice.complaints or "",
        policy=profile.id,
        policy_sha256=profile.sha256,
    )


def _left_to_do(profile: Profile) -> Iterator[str]:
    """Before the profile is in force; each assumption by itself is for ``unlocked policy check`` to name."""
    waiting = sum(not assumption.accepted for assumption in profile.assumptions)
    if waiting:
        yield f"{waiting} assumption{'s' if waiting > 1 else ''} must be accepted"
    yield from (str(left) for left in profile.not_ready() if not left.key.startswith("assumptions["))


def _at_the_door(settings: Settings) -> Iterator[str]:
    yield (
        "When a card is held to a reader, the time, the door and the answer are recorded. The card number is "
        "stored encrypted; the key to read it is not kept in the building."
    )
    yield "The number of a card that the library does not know is not stored."
    yield (
        "The branch has a copy of the memberships: a reference made from the card number, whether the "
        "membership is in order, and its dates. It has no names and no addresses."
    )
    if settings.lms is not None:
        yield "The library management system is asked about a card where that copy does not say enough."
    if settings.pin.require != "never":
        yield "A PIN may be asked for. What is typed is not stored."
    if settings.pin.offline:
        yield "So that a PIN can be checked here, a value made from it is stored that does not show it."
    if settings.anti_passback.policy is not Policy.OFF:
        hours = settings.anti_passback.expires_h
        yield f"Which cards are inside is remembered for at most {hours} hours, and not stored."
    if settings.occupancy.estimate:
        yield "How many people are inside is estimated. Nobody is recognised for that."
    if settings.occupancy.publish:
        yield "A rounded number of people inside is sent to the authority."
    if settings.passages.evidence:
        yield "When more people may have come in than were let in, that is recorded."
    if settings.mqtt.enabled:
        yield "What happens is sent to the authority as it happens, without card numbers."


def _camera(camera: CameraSettings) -> CameraRow:
    by_hours = modes(camera)
    when = tuple(f"{HOURS[hours]}: {RECORDED[mode]}" for hours, mode in by_hours.items())
    if len(set(by_hours.values())) == 1:
        when = (RECORDED[by_hours["staffed"]],)
    parts = len(camera.masks)
    covered = f"{parts} part{'s' if parts > 1 else ''} of the picture" if parts else "nothing is covered"
    return CameraRow(camera.id, when, covered)


def _of_pictures(settings: Settings) -> Iterator[str]:
    yield "No sound is recorded."
    yield "No faces, number plates or other features of people are recognised."
    if any(camera.motion for camera in settings.cameras):
        yield "Pictures are watched by the machine for movement, and for faults of the camera."


def _no_pictures(settings: Settings, profile: Profile) -> str:
    if not settings.cameras:
        return "No camera is recorded here."
    if profile.cctv is None:
        return "There are cameras, and nothing is recorded: no period is set for which it could be kept."
    return ""


def _cctv(settings: Settings, profile: Profile) -> str:
    window = profile.cctv
    assert window is not None
    return (
        f"What they record is destroyed after {settings.footage.retention_days} days, never before "
        f"{window.min_days} and never later than {window.max_days} days, unless a legal hold protects it."
    )


def _access_log(profile: Profile) -> str:
    category = profile.category("access_events")
    by_age = isinstance(category.rule, Duration)
    kept = f" for {category.rule.in_words}" if by_age else f": {how_long(category)}"
    return f"When you use your card, the time, the door and the answer are recorded, and kept{kept}."


def _kept(settings: Settings, profile: Profile) -> Iterator[KeptRow]:
    for category in profile.categories:
        words = how_long(category)
        if category.id == "footage":
            if profile.cctv is None or not settings.cameras:
                words = "nothing is recorded"
            else:
                words = f"{settings.footage.retention_days} days of 24 hours each"
        where = "in the branch" if category.held == "controller" else "elsewhere by us"
        yield KeptRow(_sentence(category.what), _sentence(words), where, category.sentence)


def _viewing(profile: Profile, *, recorded: bool) -> Iterator[str]:
    said = [
        promise.sentence
        for promise in profile.promises
        if Keeps.VIEWING_BY_NEED in promise.keeps and promise.sentence not in " ".join(profile.notice.sharing)
    ]
    if recorded:
        yield from said
        yield "Footage is shown only to trained staff who name the need for it. Each time is recorded."
    people = "two trained people" if profile.identities.people > 1 else "a trained supervisor"
    yield (
        f"Whose card it was can be found out only by {people} with the authority's key, for a reason and a "
        "need that are recorded."
    )


def _holds(profile: Profile) -> Iterator[str]:
    if profile.holds.sentence:
        yield profile.holds.sentence
    people = "two people end" if profile.holds.people_to_end > 1 else "a trained supervisor ends"
    yield (
        f"What a legal hold protects is not destroyed until {people} the hold, and for "
        f"{profile.holds.cooling_off_days} days more."
    )


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B} {day.year}" if day else ""


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
