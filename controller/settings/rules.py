"""Settings in the terms of ``core``: what cards and PINs look like, when what holds, what locks out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from controller.core.attempts import LockoutRules
from controller.core.card import CardRules
from controller.core.hours import Mode, Period, WeeklyHours, mode_at
from controller.core.pin import PinRules
from controller.settings.access import LockoutSettings
from controller.settings.hours import Hours, Weekday, minutes_of
from controller.settings.model import Cards
from controller.settings.pin import PinSettings

SECOND_US = 1_000_000
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


def category_hours(hours: Mapping[Weekday, tuple[str, ...]]) -> WeeklyHours:
    """Those of a category that has its own: when its cards open the door."""
    return WeeklyHours((), _periods(hours))


def card_lockout(settings: LockoutSettings) -> LockoutRules:
    return LockoutRules(
        settings.card_failures, settings.card_window_s * SECOND_US, settings.card_s * SECOND_US
    )


def reader_lockout(settings: LockoutSettings) -> LockoutRules:
    return LockoutRules(
        settings.reader_failures, settings.reader_window_s * SECOND_US, settings.reader_s * SECOND_US
    )
