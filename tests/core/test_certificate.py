from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.certificate import Certificate, Cover, certificate_of
from controller.core.event import Event, EventType, JsonValue, Stamp


def certificate(data: dict[str, JsonValue], seq: int = 10) -> Certificate:
    stamp = Stamp(1_795_219_200_000_000, 1, "boot", True)
    return certificate_of(Event(seq, "id", EventType.DISPOSAL_CERTIFICATE, stamp, "branch", data))


def test_what_a_certificate_says_of_rows() -> None:
    found = certificate(
        {
            "category": "access_events",
            "policy": "ab" * 32,
            "due_to_us": 7,
            "event_seqs": [[1, 3], [5, 5]],
            "times_us": [[100, 300], [500, 500]],
            "box_seqs": [[6, 6]],
            "count": 4,
        }
    )
    assert found == Certificate(
        10,
        "branch",
        1_795_219_200_000_000,
        True,
        "access_events",
        "ab" * 32,
        ((1, 3), (5, 5)),
        ((100, 300), (500, 500)),
        ((6, 6),),
        7,
    )


def test_a_certificate_of_footage_names_no_rows() -> None:
    found = certificate({"category": "footage", "media": ["a"]})
    assert (found.event_seqs, found.times_us, found.box_seqs, found.policy) == ((), (), (), "")


@pytest.mark.parametrize(
    "data",
    [
        {"event_seqs": 1},
        {"event_seqs": [1]},
        {"event_seqs": [["a", "b"]]},
        {"event_seqs": [[1]]},
        {"event_seqs": [[3, 1]]},
        {"box_seqs": {"1": 2}},
        {"event_seqs": [[1, 2]], "times_us": [[1, 2], [3, 4]]},
    ],
)
def test_what_no_certificate_says(data: dict[str, JsonValue]) -> None:
    with pytest.raises(ValueError, match="it "):
        certificate(data)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(0, 20))))
def test_rows_are_covered_as_if_each_range_was_asked(named: list[tuple[int, int, int]]) -> None:
    given_ = [(seq, (first, first + more)) for seq, first, more in named]
    cover = Cover(given_)
    for row in range(65):
        assert (row in cover) == any(first <= row <= last and row < seq for seq, (first, last) in given_)


@pytest.mark.parametrize("seqs", [[[0, 3]], [[-5, 3]], [[True, True]], [[1.0, 2]], [["1", "2"]]])
def test_rows_are_named_by_whole_numbers_from_one(seqs: list[JsonValue]) -> None:
    for name in ("event_seqs", "box_seqs"):
        with pytest.raises(ValueError, match="names rows"):
            certificate({name: seqs})
