"""What the notice of a branch says, as facts: taken from its settings and its policy profile.

The same function makes the facts that are published and those that are compared with them later. A fact for
each thing that ``wording`` puts into words, and none else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controller.core.event import JsonValue
from controller.core.notice import Bound, Fact, Facts, facts
from controller.core.passback import Policy
from controller.settings.model import Settings
from controller.settings.policy.categories import CategoryRule
from controller.settings.policy.profile import Profile
from controller.settings.policy.rules import CurrentYearPlus, Duration, Immediate, Rule
from controller.settings.recording import CameraSettings, Polygon


def facts_of(settings: Settings, profile: Profile) -> Facts:
    """The facts of a branch as it is set now."""
    return facts(
        [*_of_the_notice(profile), *_of_the_door(settings), *_of_cameras(settings, profile), *_kept(profile)]
    )


def _of_the_notice(profile: Profile) -> Iterator[Fact]:
    notice = profile.notice
    dated = notice.dated.isoformat() if notice.dated else ""
    yield Fact("id", Bound.TOLD, profile.id)
    yield Fact("status", Bound.TOLD, "live" if profile.live else "draft")
    yield Fact("review_on", Bound.TOLD, profile.review_on.isoformat() if profile.review_on else "")
    yield Fact("notice.title", Bound.TOLD, notice.title)
    yield Fact("notice.controller", Bound.SAME, [notice.controller])
    yield Fact("notice.dated", Bound.TOLD, dated)
    yield Fact("notice.contact", Bound.TOLD, notice.contact or "")
    yield Fact("notice.complaints", Bound.TOLD, notice.complaints or "")
    yield Fact("notice.purposes", Bound.ONLY, list(notice.purposes))
    yield Fact("notice.collected", Bound.ONLY, list(notice.collected))
    yield Fact("notice.lawful_bases", Bound.ONLY, list(notice.lawful_bases))
    yield Fact("notice.sharing", Bound.SAME, list(notice.sharing))
    to_whom = [f"{to.who}: {reason}" for to in profile.recipients for reason in to.reasons]
    yield Fact("recipients", Bound.ONLY, [*to_whom])
    yield Fact("promises", Bound.ALL, [promise.sentence for promise in profile.promises])
    for right in profile.rights:
        yield Fact(f"rights.{right.right}", Bound.RIGHT, right.answer.value)
    yield Fact("holds.people_to_end", Bound.AT_LEAST, profile.holds.people_to_end)
    yield Fact("holds.cooling_off_days", Bound.AT_MOST, profile.holds.cooling_off_days)
    yield Fact("holds.sentence", Bound.TOLD, profile.holds.sentence)
    yield Fact("identities.people", Bound.AT_LEAST, profile.identities.people)


def _of_the_door(settings: Settings) -> Iterator[Fact]:
    passback = settings.anti_passback
    remembered_h = 0 if passback.policy is Policy.OFF else passback.expires_h
    yield Fact("branch.name", Bound.TOLD, settings.branch.name)
    yield Fact("lms", Bound.NOT, settings.lms is not None)
    yield Fact("pin", Bound.NOT, settings.pin.require != "never")
    yield Fact("pin.offline", Bound.NOT, settings.pin.offline)
    yield Fact("anti_passback.expires_h", Bound.AT_MOST, remembered_h)
    yield Fact("occupancy.estimate", Bound.NOT, settings.occupancy.estimate)
    yield Fact("occupancy.publish", Bound.NOT, settings.occupancy.publish)
    yield Fact("passages.evidence", Bound.NOT, settings.passages.evidence)
    yield Fact("mqtt.enabled", Bound.NOT, settings.mqtt.enabled)


def _of_cameras(settings: Settings, profile: Profile) -> Iterator[Fact]:
    window = profile.cctv
    for camera in settings.cameras:
        key = f"cameras.{camera.id}"
        for hours, mode in modes(camera).items():
            # Nothing is recorded under a profile that sets no period for it, whatever the settings say.
            yield Fact(f"{key}.{hours}", Bound.RECORDED, mode if window else "off", key)
        yield Fact(f"{key}.motion", Bound.NOT, camera.motion, key)
        yield Fact(f"{key}.masks", Bound.ALL, [*map(_corners, camera.masks)], key)
    if window is not None:
        yield Fact("footage.retention_days", Bound.AT_MOST, settings.footage.retention_days)
        yield Fact("categories.footage.min_days", Bound.AT_LEAST, window.min_days)
        yield Fact("categories.footage.max_days", Bound.AT_MOST, window.max_days)


def modes(camera: CameraSettings) -> dict[str, str]:
    """How a camera is recorded in the hours in which the branch is staffed, unstaffed and closed."""
    by_hours = camera.by_hours
    return {
        "staffed": by_hours.staffed or camera.mode,
        "unstaffed": by_hours.unstaffed or camera.mode,
        "closed": by_hours.closed or camera.mode,
    }


def _kept(profile: Profile) -> Iterator[Fact]:
    for category in profile.categories:
        key = f"categories.{category.id}"
        yield Fact(f"{key}.what", Bound.TOLD, category.what)
        yield Fact(f"{key}.rule", Bound.TOLD, how_long(category))
        yield Fact(f"{key}.sentence", Bound.TOLD, category.sentence)
        if category.held == "controller" and category.id != "footage":
            yield Fact(f"{key}.trigger", Bound.SAME, [category.trigger])
            yield Fact(f"{key}.days", Bound.AT_MOST, _most_days(category))


def how_long(category: CategoryRule) -> str:
    """The rule of a category in words, with what it counts from."""
    words = _from(category.rule, category.trigger)
    if category.ceiling is not None:
        trigger = category.ceiling_trigger or category.trigger
        words += f"; at the latest {_from(category.ceiling, trigger)}"
    return words


def _from(rule: Rule, trigger: str) -> str:
    match rule:
        case Duration() | CurrentYearPlus():
            return f"{rule.in_words} from {trigger}"
        case Immediate():
            return f"not kept once this has happened: {trigger}"
        case _:
            return rule.in_words


def _most_days(category: CategoryRule) -> int | None:
    """No longer than this from the trigger; None: there is no telling."""
    rules: Iterable[Rule | None] = (
        category.rule,
        None if category.ceiling_trigger else category.ceiling,
    )
    found = [days for rule in rules if rule is not None and (days := _days(rule)) is not None]
    return min(found, default=None)


def _days(rule: Rule) -> int | None:
    match rule:
        case Duration():
            return rule.years * 366 + rule.months * 31 + rule.days
        case CurrentYearPlus():
            return (rule.years + 1) * 366
        case Immediate():
            return 0
        case _:
            return None


def _corners(mask: Polygon) -> JsonValue:
    return " ".join(f"{x:.4f},{y:.4f}" for x, y in mask)
