"""Settings in the terms of ``core``: what cards and PINs look like, when what holds, what locks out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, tzinfo

from controller.core.attempts import LockoutRules
from controller.core.card import CardRules
from controller.core.hours import Day, Mode, Schedule, Span
from controller.core.hours import Hours as CoreHours
from controller.core.outputs import Level, Rule
from controller.core.pin import PinRules
from controller.settings.access import LockoutSettings
from controller.settings.building import OutputSettings
from controller.settings.hours import Hours, Weekday, minutes_of
from controller.settings.model import Cards
from controller.settings.pin import PinSettings

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
Periods = Mapping[Weekday, tuple[str, ...]]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def card_rules(cards: Cards) -> CardRules:
    return CardRules(cards.min_length, cards.max_length, cards.alphabet, cards.check_digit)


def hours_of(hours: Hours, bank_holidays: Iterable[date] | None = ()) -> CoreHours:
    """bank_holidays: the nation's; None when they cannot be known, though a nation is set.

    In that case any day may be one. Each is closed, but for those that have hours as dates.
    """
    dated: dict[date, Day] = {}
    if hours.bank_holidays.nation is not None:
        holiday = _day(hours.bank_holidays.staffed, hours.bank_holidays.unstaffed)
        dated = dict.fromkeys(bank_holidays or (), holiday)
    dated.update({day: _day(each.staffed, each.unstaffed) for day, _, each in hours.each_date()})
    week = (Day(),) * 7 if bank_holidays is None else week_of(hours.staffed, hours.unstaffed)
    return CoreHours(week, dated, hours.clear_out_min, hours.last_entry_min)


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


def week_of(staffed: Periods, unstaffed: Periods) -> tuple[Day, ...]:
    """From Monday."""
    return tuple(_day(staffed.get(day, ()), unstaffed.get(day, ())) for day in WEEKDAYS)


def _day(staffed: Iterable[str], unstaffed: Iterable[str]) -> Day:
    return Day(
        tuple(Span(*minutes_of(period)) for period in staffed),
        tuple(Span(*minutes_of(period)) for period in unstaffed),
    )


def pin_rules(pin: PinSettings) -> PinRules:
    return PinRules(pin.min_length, pin.max_length, pin.timeout_s)


def pin_needed(pin: PinSettings, zone: tzinfo) -> Callable[[int], bool]:
    """Whether a PIN is asked for at an instant: microseconds since 1970 UTC."""
    schedule = Schedule(CoreHours(week_of({}, pin.hours)), zone)

    def needed(wall_us: int) -> bool:
        return pin.require == "always" or schedule.at(wall_us).mode is not Mode.CLOSED

    return needed


def category_hours(hours: Periods) -> CoreHours:
    """Those of a category that has its own: when its cards open the door."""
    return CoreHours(week_of({}, hours))


def card_lockout(settings: LockoutSettings) -> LockoutRules:
    return LockoutRules(
        settings.card_failures, settings.card_window_s * SECOND_US, settings.card_s * SECOND_US
    )


def reader_lockout(settings: LockoutSettings) -> LockoutRules:
    return LockoutRules(
        settings.reader_failures, settings.reader_window_s * SECOND_US, settings.reader_s * SECOND_US
    )
