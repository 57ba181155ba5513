"""What a profile says of one thing in a category: when it is due, by which rule, and says who.

Here: which of rule and ceiling counts, with what it counts from. Never here: the arithmetic
(``core.retention``), holds, and words for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal

from controller.core.retention.due import Answer, Conventions, due, earlier
from controller.core.retention.rules import Trigger
from controller.settings.policy.categories import CategoryRule
from controller.settings.policy.profile import Profile
from controller.settings.policy.rules import of


@dataclass(frozen=True, slots=True)
class Told:
    """due: what counts, which is the rule's answer or the ceiling's. ceiling: None where there is none."""

    category: CategoryRule
    due: Answer
    by: Literal["rule", "ceiling"]
    rule: Answer
    ceiling: Answer | None


def answer(
    profile: Profile,
    category: str,
    trigger: Trigger,
    zone: tzinfo,
    footage_days: int,
    *,
    ceiling_trigger: Trigger = None,
) -> Told:
    """ceiling_trigger: what the ceiling counts from, where the category has a day of its own for it.

    Raises LookupError for a category that is not there; ValueError where footage_days is not within the
    window, a window is asked for without moments, and where the calendar ends.
    """
    found = profile.category(category)
    conventions = Conventions(zone, profile.year_basis)
    by_rule = due(of(found.rule, footage_days), trigger, conventions)
    if found.ceiling is None:
        return Told(found, by_rule, "rule", by_rule, None)
    counts_from = trigger if found.ceiling_trigger is None else ceiling_trigger
    by_ceiling = due(of(found.ceiling, footage_days), counts_from, conventions)
    counts = earlier(by_rule, by_ceiling)
    return Told(found, counts, "rule" if counts == by_rule else "ceiling", by_rule, by_ceiling)
