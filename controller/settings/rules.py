"""Settings in the terms of ``core``: what cards and PINs look like, when what holds, what locks out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo

from controller.core.attempts import LockoutRules
from controller.core.card import CardRules
from controller.core.hours import Mode, Period, WeeklyHours, mode_at
from controller.core.outputs import Level, Rule
from controller.core.pin import PinRules
from controller.settings.access import LockoutSettings
from controller.settings.building import OutputSettings
from controller.settings.hours import Hours, Weekday, minutes_of
from controller.settings.model import Cards
from controller.settings.pin import PinSettings

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def card_rules(cards: Cards) -> CardRules:
    return CardRules(cards.min_length, cards.max_length, cards.alphabet, cards.check_digit)


def weekly_hours(hours: Hours) -> WeeklyHours:
    return WeeklyHours(_periods(hours.staffed), _periods(hours.unstaffed))


def output_rules(outputs: Iterable[OutputSettings]) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            output.id,
            frozenset(output.on_in),
            early_us=output.early_min * MINUTE_US,
            keep_while_occupied=output.keep_while_occupied,
            off_when_empty=output.off_when_empty,
            empty_us=output.empty_min * MINUTE_US,
            in_emergency=output.in_emergency,
            in_lockdown=output.in_lockdown,
            on_delay_us=round(output.on_delay_s * SECOND_US),
            off_delay_us=round(output.off_delay_s * SECOND_US),
            pulse_us=round(output.pulse_s * SECOND_US),
            safe=None if output.safe == "leave" else Level(output.safe),
        )
        for output in outputs
    )


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
