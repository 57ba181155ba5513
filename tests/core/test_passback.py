"""Which cards are inside, under a key that nobody else has."""

from controller.core.passback import Inside

KEY, OTHER_KEY = bytes(32), bytes([1]) * 32
CARD, OTHER = b"member-reference-1", b"member-reference-2"
HOUR_US = 3_600_000_000


def test_a_card_is_inside_from_coming_in_to_leaving() -> None:
    inside = Inside(KEY, 12 * HOUR_US)
    assert not inside.has(CARD, 0)
    inside.came_in(CARD, 0)
    assert inside.has(CARD, HOUR_US)
    assert not inside.has(OTHER, HOUR_US)
    inside.left(OTHER)
    assert inside.has(CARD, HOUR_US)
    inside.left(CARD)
    assert not inside.has(CARD, HOUR_US)


def test_a_card_counts_as_gone_in_the_end() -> None:
    inside = Inside(KEY, 12 * HOUR_US)
    since_us = 100 * HOUR_US
    inside.came_in(CARD, since_us)
    assert inside.has(CARD, since_us + 12 * HOUR_US - 1)
    assert not inside.has(CARD, since_us + 12 * HOUR_US)
    inside.came_in(OTHER, since_us + 12 * HOUR_US - 1)
    assert repr(inside) == "Inside(2 cards)"
    inside.came_in(OTHER, since_us + 12 * HOUR_US)
    assert repr(inside) == "Inside(1 cards)"


def test_nobody_is_inside_an_empty_building() -> None:
    inside = Inside(KEY, HOUR_US)
    inside.came_in(CARD, 0)
    inside.forget()
    assert not inside.has(CARD, 1)


def test_nothing_of_a_card_is_kept_that_another_key_would_find() -> None:
    inside, other = Inside(KEY, HOUR_US), Inside(OTHER_KEY, HOUR_US)
    inside.came_in(CARD, 0)
    other.came_in(CARD, 0)
    kept, kept_elsewhere = (list(each._since) for each in (inside, other))
    assert kept != kept_elsewhere
    assert CARD not in kept
    assert "reference" not in repr(inside)
