"""Event ids and what an event shows of itself."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from controller.core.event import UUID7, EventType, NewEvent, Stamp, event_id


def test_the_example_of_rfc_9562_appendix_a_6() -> None:
    # unix_ts_ms 017F22E2-79B0, rand_a CC3, rand_b 18C4DC0C0C07398F
    assert event_id(0x017F22E279B0 * 1000, 0xCC3 << 62 | 0x18C4DC0C0C07398F) == (
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
    )


@given(st.integers(0, 2**53), st.integers(0, 2**128 - 1))
def test_an_id_is_a_uuid_of_version_7_whose_time_is_that_of_the_event(wall_us: int, bits: int) -> None:
    text = event_id(wall_us, bits)
    assert UUID7.fullmatch(text)
    parsed = uuid.UUID(text)
    assert (str(parsed), parsed.version, parsed.variant) == (text, 7, uuid.RFC_4122)
    assert parsed.int >> 80 == wall_us // 1000


@given(st.integers(0, 2**53), st.integers(0, 2**53), st.integers(0, 2**74 - 1), st.integers(0, 2**74 - 1))
def test_ids_sort_by_time(one_us: int, other_us: int, one: int, other: int) -> None:
    if one_us // 1000 < other_us // 1000:
        assert event_id(one_us, one) < event_id(other_us, other)


def test_what_is_private_is_not_shown() -> None:
    stamp = Stamp(1, 1, "b", True)
    new = NewEvent(EventType.ACCESS_GRANTED, "door/front", stamp, private={"card": b"25891000331441"})
    assert "2589" not in repr(new)
    assert "2589" not in str(new)
