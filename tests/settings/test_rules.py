import pytest

from controller.core.card import CardRules
from controller.core.hours import Period
from controller.settings.model import Cards, Hours
from controller.settings.rules import card_rules, weekly_hours


def test_hours_are_periods_of_weekdays_from_monday() -> None:
    hours = weekly_hours(Hours(staffed={"sun": ("10:00-12:30",)}, unstaffed={"mon": ("00:00-24:00",)}))
    assert hours.staffed == (Period(6, 600, 750),)
    assert hours.unstaffed == (Period(0, 0, 1440),)


@pytest.mark.parametrize("check_digit", ["off", "warn", "enforce"])
def test_card_rules_are_those_of_the_settings(check_digit: str) -> None:
    cards = Cards.model_validate({"min_length": 5, "max_length": 9, "check_digit": check_digit})
    assert card_rules(cards) == CardRules(5, 9, "digits", check_digit)
