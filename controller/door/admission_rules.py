"""What the settings say about who is let in, as ``Admission`` and ``unlocked explain`` ask it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from controller.core.hours import Schedule
from controller.door.admission import Category, Rules
from controller.settings.model import Settings
from controller.settings.rules import category_hours, weekly_hours


def admission_rules(settings: Settings) -> Rules:
    zone = ZoneInfo(settings.branch.timezone)
    return Rules(
        hours=Schedule(weekly_hours(settings.hours), zone),
        zone=zone,
        max_age_us=settings.membership.max_age_us,
        minimum_age=settings.access.minimum_age,
        categories={
            name: Category(
                category.opens_up,
                None if category.hours is None else Schedule(category_hours(category.hours), zone),
            )
            for name, category in settings.categories.items()
        },
    )
