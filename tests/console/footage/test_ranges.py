"""Ranges of bytes as RFC 9110, section 14, has them."""

from __future__ import annotations

import pytest

from controller.console.footage.ranges import NotSatisfiable, Piece, piece_of


@pytest.mark.parametrize(
    ("asked", "piece"),
    [
        ("bytes=0-", Piece(0, 49)),
        ("bytes=0-0", Piece(0, 0)),
        ("bytes=10-19", Piece(10, 19)),
        ("bytes=90-500", Piece(90, 99)),
        ("bytes=-5", Piece(95, 99)),
        ("bytes=-500", Piece(0, 49)),
        ("bytes=99-", Piece(99, 99)),
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=20-10", None),
        ("bytes=0-1,5-6", None),
        ("pages=0-1", None),
        ("bytes=a-b", None),
        ("bytes=٣-٤", None),
    ],
)
def test_what_is_asked_for_of_a_hundred_bytes(asked: str, piece: Piece | None) -> None:
    assert piece_of(asked, 100, most=50) == piece


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=999999999999999-", "bytes=-0"])
def test_what_is_behind_the_end_cannot_be_had(asked: str) -> None:
    with pytest.raises(NotSatisfiable):
        piece_of(asked, 100)


def test_a_piece_says_where_it_is() -> None:
    assert Piece(10, 19).header(100) == "bytes 10-19/100"
    assert Piece(10, 19).length == 10
