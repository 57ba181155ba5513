"""What the settings say about who is let in, as ``Admission`` and ``unlocked explain`` ask it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from controller.core.hours import Schedule
from controller.core.live import LiveRules
from controller.door.admission import Category, Rules
from controller.settings.model import Settings
from controller.settings.rules import category_hours


def admission_rules(settings: Settings, hours: Schedule) -> Rules:
    """hours: the branch's, with the bank holidays."""
    zone, ages = ZoneInfo(settings.branch.timezone), settings.membership
    live = LiveRules(ages.live_max_age_us, ages.refresh_after_us, ages.negative_s * 1_000_000)
    return Rules(
        hours=hours,
        zone=zone,
        max_age_us=ages.max_age_us,
        minimum_age=settings.access.minimum_age,
        categories={
            name: Category(
                category.opens_up,
                None if category.hours is None else Schedule(category_hours(category.hours), zone),
            )
            for name, category in settings.categories.items()
        },
        live=None if settings.lms is None else live,
    )
