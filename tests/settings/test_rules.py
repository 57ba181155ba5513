from datetime import UTC, date, datetime

import pytest

from controller.core.card import CardRules
from controller.core.hours import Day, Span
from controller.settings.hours import Hours
from controller.settings.model import Cards
from controller.settings.pin import PinSettings
from controller.settings.rules import card_rules, hours_of, pin_needed

CLOSED = Day()
CHRISTMAS_EVE, CHRISTMAS, BOXING_DAY = (date(2026, 12, day) for day in (24, 25, 26))
WHOLE = Hours.model_validate(
    {
        "staffed": {"sun": ["10:00-12:30"]},
        "unstaffed": {"mon": ["00:00-24:00"]},
        "dates": {"2026-12-24 to 2026-12-25": {"staffed": ["10:00-12:00"]}},
        "bank_holidays": {"nation": "scotland", "unstaffed": ["09:00-10:00"]},
        "clear_out_min": 15,
        "last_entry_min": 10,
    }
)


def test_hours_are_days_from_monday() -> None:
    hours = hours_of(WHOLE)
    assert hours.week == (
        Day(unstaffed=(Span(0, 1440),)),
        *(CLOSED,) * 5,
        Day(staffed=(Span(600, 750),)),
    )
    assert (hours.clear_out_min, hours.last_entry_min) == (15, 10)


def test_a_date_comes_before_a_bank_holiday_and_that_before_the_weekday() -> None:
    assert hours_of(WHOLE, {CHRISTMAS, BOXING_DAY}).dated == {
        CHRISTMAS_EVE: Day(staffed=(Span(600, 720),)),
        CHRISTMAS: Day(staffed=(Span(600, 720),)),
        BOXING_DAY: Day(unstaffed=(Span(540, 600),)),
    }


def test_without_a_nation_there_are_no_bank_holidays() -> None:
    assert hours_of(Hours(), {CHRISTMAS}).dated == {}


def test_bank_holidays_that_cannot_be_known_close_every_day_without_a_date() -> None:
    hours = hours_of(WHOLE, None)
    assert hours.week == (CLOSED,) * 7
    assert set(hours.dated) == {CHRISTMAS_EVE, CHRISTMAS}


def test_a_pin_is_needed_in_its_hours() -> None:
    def at(hour: int) -> int:
        return int(datetime(2026, 11, 23, hour, tzinfo=UTC).timestamp()) * 1_000_000

    settings = PinSettings(require="hours", offline=True, hours={"mon": ("20:00-24:00",)})
    needed = pin_needed(settings, UTC)
    assert [needed(at(hour)) for hour in (19, 20, 23)] == [False, True, True]
    assert pin_needed(PinSettings(require="always", offline=True), UTC)(at(0))


@pytest.mark.parametrize("check_digit", ["off", "warn", "enforce"])
def test_card_rules_are_those_of_the_settings(check_digit: str) -> None:
    cards = Cards.model_validate({"min_length": 5, "max_length": 9, "check_digit": check_digit})
    assert card_rules(cards) == CardRules(5, 9, "digits", check_digit)
