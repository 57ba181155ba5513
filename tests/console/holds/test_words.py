from __future__ import annotations

from controller.console.holds.words import GROUNDS, HINTS, MEANS, PIECES, THINGS, amount
from controller.core.hold import Category
from controller.core.restriction import Ground, Means


def test_everything_has_its_words() -> None:
    assert set(THINGS) == set(HINTS) == set(PIECES) == set(Category)
    assert set(GROUNDS) == set(Ground)
    assert set(MEANS) == set(Means)


def test_one_of_a_thing_is_said_so() -> None:
    said = [amount(1, category) for category in Category]
    assert said == [
        "1 file of footage",
        "1 door event",
        "1 device event",
        "1 event of what staff did",
        "1 set of dropped memberships",
        "1 entry",
    ]
    assert amount(1200, Category.FOOTAGE) == "1,200 files of footage"
