"""Settings in the terms of ``core``: what a card looks like, and when the branch is staffed."""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.card import CardRules
from controller.core.hours import Period, WeeklyHours
from controller.settings.hours import Hours, Weekday, minutes_of
from controller.settings.model import Cards

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def card_rules(cards: Cards) -> CardRules:
    return CardRules(cards.min_length, cards.max_length, cards.alphabet, cards.check_digit)


def weekly_hours(hours: Hours) -> WeeklyHours:
    return WeeklyHours(_periods(hours.staffed), _periods(hours.unstaffed))


def _periods(table: Mapping[Weekday, tuple[str, ...]]) -> tuple[Period, ...]:
    return tuple(
        Period(WEEKDAYS.index(day), *minutes_of(period))
        for day, periods in table.items()
        for period in periods
    )
