"""Settings in the terms of ``core``: what cards and PINs look like, and when what holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from controller.core.card import CardRules
from controller.core.hours import Mode, Period, WeeklyHours, mode_at
from controller.core.pin import PinRules
from controller.settings.hours import Hours, Weekday, minutes_of
from controller.settings.model import Cards
from controller.settings.pin import PinSettings

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


def pin_rules(pin: PinSettings) -> PinRules:
    return PinRules(pin.min_length, pin.max_length, pin.timeout_s)


def pin_needed(pin: PinSettings, zone: tzinfo) -> Callable[[int], bool]:
    """Whether a PIN is asked for at an instant: microseconds since 1970 UTC."""
    hours = WeeklyHours((), _periods(pin.hours))

    def needed(wall_us: int) -> bool:
        local = datetime.fromtimestamp(wall_us / 1_000_000, zone)
        return pin.require == "always" or mode_at(hours, local) is not Mode.CLOSED

    return needed
