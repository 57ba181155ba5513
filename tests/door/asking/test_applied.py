"""A card at a reader, and what is known of it."""

from __future__ import annotations

import pytest

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.door.asking.applied import Applied

ONE = CardNumber("1111")


@pytest.mark.parametrize(
    ("pin", "may"),
    [(None, True), (PinResult.CORRECT, True), (PinResult.WRONG, False), (PinResult.MISSING, False)],
)
def test_without_the_pin_there_is_nothing_to_ask(pin: PinResult | None, may: bool) -> None:
    assert Applied(ONE, 0, pin=pin).may_be_let_in is may


def test_no_card_number_is_shown() -> None:
    assert "1111" not in repr(Applied(ONE, 0))
