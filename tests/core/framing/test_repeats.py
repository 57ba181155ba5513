"""A card that is held at the reader counts once."""

from hypothesis import given
from hypothesis import strategies as st

from controller.core.card import CardNumber
from controller.core.framing.repeats import Repeats

A, B = CardNumber("1111"), CardNumber("2222")
SECOND_US = 1_000_000


def test_a_card_held_at_the_reader_is_one_swipe_however_long() -> None:
    repeats = Repeats(2.0)
    readings = [repeats.is_repeat(A, at_us) for at_us in range(0, 60 * SECOND_US, 50_000)]
    assert readings == [False] + [True] * (len(readings) - 1)


def test_taken_away_and_held_there_again_it_is_another() -> None:
    repeats = Repeats(2.0)
    assert not repeats.is_repeat(A, 0)
    assert repeats.is_repeat(A, 2 * SECOND_US - 1)
    assert not repeats.is_repeat(A, 4 * SECOND_US - 1)


def test_two_cards_in_one_purse_are_two_swipes() -> None:
    repeats = Repeats(2.0)
    readings = [repeats.is_repeat(card, at_us * 50_000) for at_us, card in enumerate([A, B] * 100)]
    assert readings == [False, False] + [True] * 198


def test_zero_tells_every_reading() -> None:
    repeats = Repeats(0)
    assert [repeats.is_repeat(A, 5) for _ in range(3)] == [False] * 3


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.integers(0, 5 * SECOND_US)), max_size=50))
def test_a_reading_is_a_repeat_exactly_if_the_card_was_read_less_than_the_time_before(
    readings: list[tuple[CardNumber, int]],
) -> None:
    repeats, now_us, last_us = Repeats(2.0), 0, dict[CardNumber, int]()
    for card, later_us in readings:
        now_us += later_us
        expected = card in last_us and now_us - last_us[card] < 2 * SECOND_US
        assert repeats.is_repeat(card, now_us) is expected
        last_us[card] = now_us
