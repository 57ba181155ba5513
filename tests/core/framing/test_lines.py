"""Lines from a reader, whatever the wire does to them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from controller.core.framing.framer import Garbage
from controller.core.framing.lines import LineFramer

CARD = b"25891000331441"
Found = list[str | Garbage]

# Bytes that matter to a framer set to prefix ";" and suffix "?" come up often.
WIRE = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b"\r\n", b";", b"?", b"7", CARD, b";" + CARD + b"?\r", b"|", b"\0", b"\xff"]
    )
    | st.binary(max_size=8),
    max_size=40,
).map(b"".join)


def whole(data: bytes, framer: LineFramer) -> Found:
    return framer.feed(data)


def byte_at_a_time(data: bytes, framer: LineFramer) -> Found:
    return [found for byte in data for found in framer.feed(bytes([byte]))]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("feed", [whole, byte_at_a_time])
def test_a_line_ends_with_cr_lf_or_both(end: bytes, feed: type) -> None:
    wire = (CARD + end) * 2
    assert feed(wire, LineFramer(b"", b"")) == [CARD.decode(), CARD.decode()]


def test_a_card_is_not_told_before_its_line_ends() -> None:
    framer = LineFramer(b"", b"")
    assert framer.feed(CARD) == []
    assert framer.feed(b"\r") == [CARD.decode()]
    assert framer.feed(b"\n") == []


def test_prefix_and_suffix_are_taken_off() -> None:
    assert LineFramer(b"\x02;", b"?\x03").feed(b"\x02;" + CARD + b"?\x03\r\n") == [CARD.decode()]


@pytest.mark.parametrize(
    "line", [CARD, b"AA" + CARD, CARD + b"AA", b"A" + CARD + b"AA", b"AA", b"AAA", b"AAAA", b" AA1AA"]
)
def test_a_line_without_prefix_or_suffix_or_between_them_nothing_is_garbage(line: bytes) -> None:
    assert LineFramer(b"AA", b"AA").feed(line + b"\r") == [Garbage.NOT_FRAMED]


@pytest.mark.parametrize("byte", [byte for byte in range(256) if byte not in b"\r\n"])
def test_only_what_can_be_printed_is_text(byte: int) -> None:
    (found,) = LineFramer(b"", b"").feed(b"12" + bytes([byte]) + b"34\r")
    assert found == (f"12{chr(byte)}34" if 0x20 <= byte <= 0x7E else Garbage.NOT_TEXT)


@pytest.mark.parametrize("feed", [whole, byte_at_a_time])
def test_too_long_a_line_is_told_once_and_the_next_is_read(feed: type) -> None:
    framer = LineFramer(b"", b"", cap=20)
    assert feed(b"1" * 20 + b"\r", framer) == ["1" * 20]
    assert feed(b"1" * 5000, framer) == [Garbage.TOO_LONG]
    assert feed(CARD, framer) == []
    assert feed(b"\r" + CARD + b"\r", framer) == [CARD.decode()]


@pytest.mark.parametrize(("prefix", "suffix"), [(b"\n", b""), (b"", b"?\r"), (b"x" * 200, b"x" * 56)])
def test_a_prefix_or_suffix_that_cannot_work_is_refused(prefix: bytes, suffix: bytes) -> None:
    with pytest.raises(ValueError, match=r"prefix"):
        LineFramer(prefix, suffix)


@given(WIRE, st.data())
@example(CARD + b"\r\n" + CARD + b"\n\r\r" + CARD, None)
def test_how_the_bytes_are_chopped_up_changes_nothing(wire: bytes, data: st.DataObject | None) -> None:
    expected = whole(wire, LineFramer(b";", b"?", cap=30))
    assert byte_at_a_time(wire, LineFramer(b";", b"?", cap=30)) == expected
    if data:
        framer, chopped, rest = LineFramer(b";", b"?", cap=30), [], wire
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            chopped += framer.feed(rest[:size])
            rest = rest[size:]
        assert chopped == expected


@given(WIRE)
def test_after_anything_at_all_a_clean_line_is_read(noise: bytes) -> None:
    framer = LineFramer(b";", b"?", cap=30)
    framer.feed(noise)
    assert framer.feed(b"\r;" + CARD + b"?\r")[-1] == CARD.decode()
