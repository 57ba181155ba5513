from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.membership.sip2.codec import (
    FIXED,
    BadChecksum,
    BadSip2,
    Fields,
    Lines,
    Message,
    Received,
    TooLong,
    Unsendable,
    Wire,
    checksum,
    decode,
    encode,
    patron_answer,
)

ENCODINGS = ("utf-8", "cp850", "latin-1")
PLAIN = Wire(checksum=False)
KEEP = frozenset({"AA", "AO", "BL", "CQ", "PA", "PC"})
STATUS = " " * 14 + "00120261122    093000"
INFORMATION = STATUS + "0000" * 6


ASCII = "".join(map(chr, range(32, 127)))
ALPHABETS = {
    encoding: "".join(letter for letter in map(chr, last) if letter.isprintable() and letter != "|")
    for encoding, last in {"utf-8": range(0x3000), "latin-1": range(256)}.items()
}
ALPHABETS["cp850"] = ALPHABETS["latin-1"] + "\u2551\u2588\u0131"
CODES = ("AA", "AD", "AE", "AO", "BL", "CQ", "PA", "PC", "Z9")


@st.composite
def messages(draw: st.DrawFn, encoding: str) -> Message:
    code = draw(st.sampled_from(sorted(FIXED)))
    fixed = draw(st.text(ASCII, min_size=FIXED[code], max_size=FIXED[code]))
    values = st.text(ALPHABETS[encoding], max_size=20)
    fields = [
        (field, "4711" if field in ("AA", "AD") else draw(values))
        for field in draw(st.lists(st.sampled_from(CODES), max_size=8))
    ]
    return Message(code, fixed, Fields(fields))


@st.composite
def sent(draw: st.DrawFn) -> tuple[Message, Wire, int | None]:
    wire = Wire(
        draw(st.sampled_from(ENCODINGS)), draw(st.sampled_from(("cr", "crlf", "lf"))), draw(st.booleans())
    )
    sequence = draw(st.none() | st.integers(0, 9)) if wire.checksum else None
    return draw(messages(wire.encoding)), wire, sequence


@given(sent())
def test_what_is_written_is_read_again(sent: tuple[Message, Wire, int | None]) -> None:
    message, wire, sequence = sent
    (line,) = Lines().feed(encode(message, wire, sequence))
    assert decode(line, wire, set(message.fields.codes)) == Received(message, sequence)


@given(sent(), sent())
def test_lines_are_the_same_at_every_split(
    one: tuple[Message, Wire, int | None], other: tuple[Message, Wire, int | None]
) -> None:
    stream = encode(*one) + encode(*other)
    whole = list(Lines().feed(stream))
    assert len(whole) == 2
    for at in range(len(stream) + 1):
        lines = Lines()
        assert [*lines.feed(stream[:at]), *lines.feed(stream[at:])] == whole
        assert not lines.begun
    by_byte = Lines()
    assert [line for byte in stream for line in by_byte.feed(bytes([byte]))] == whole


@given(sent(), st.data())
def test_one_bit_that_flipped_shows(sent: tuple[Message, Wire, int | None], data: st.DataObject) -> None:
    message, wire, sequence = sent
    wire = Wire(wire.encoding, "cr")
    line = bytearray(encode(message, wire, sequence)[:-1])
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] ^= 1 << data.draw(st.integers(0, 7))
    if line.lower() == encode(message, wire, sequence)[:-1].lower() and at >= len(line) - 4:
        return  # a small letter in the checksum
    with pytest.raises(BadSip2):
        decode(bytes(line), wire, KEEP)


@pytest.mark.parametrize("line", [b"941AY0AZFDFD", b"96AZFEF6", b"96AZfef6", b"941AY0AZFDFD|"])
def test_known_good_checksums(line: bytes) -> None:
    assert decode(line, Wire(), KEEP).message.code == line[:2].decode()


def test_a_checksum_that_is_often_quoted_and_wrong() -> None:
    line = b"9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZ"
    assert checksum(line) == "EC7B"
    decode(line + b"EC7B", Wire(), KEEP)
    with pytest.raises(BadChecksum):
        decode(line + b"EC78", Wire(), KEEP)


def test_no_checksum_where_one_is_wanted() -> None:
    with pytest.raises(BadSip2, match=r"lms\.sip2\.checksum") as error:
        decode(b"941", Wire(), KEEP)
    assert not isinstance(error.value, BadChecksum), "another copy would have none either"


def test_a_checksum_that_is_not_wanted_is_not_looked_at() -> None:
    assert decode(b"941AY3AZ0000", PLAIN, KEEP) == Received(Message("94", "1"), None)


@pytest.mark.parametrize(
    "ending",
    [b"BLY|PA20270101|", b"BLY|PA20270101", b"PA20270101|BLY|", b"||BLY||PA20270101||", b"|BLY|X|PA20270101"],
)
def test_fields_stand_in_any_order_and_the_last_bar_may_be_missing(ending: bytes) -> None:
    fields = decode(b"24" + STATUS.encode() + ending, PLAIN, KEEP).message.fields
    assert (fields.one("BL"), fields.one("PA"), fields.one("CQ")) == ("Y", "20270101", None)


def test_the_last_bar_may_be_missing_before_a_checksum() -> None:
    line = b"24" + STATUS.encode() + b"BLYAY1AZ"
    assert decode(line + checksum(line).encode(), Wire(), KEEP).message.fields.one("BL") == "Y"


def test_an_empty_field_is_not_an_absent_one() -> None:
    fields = decode(b"24" + STATUS.encode() + b"CQ|", PLAIN, KEEP).message.fields
    assert fields.one("CQ") == ""
    assert fields.one("BL") is None
    assert fields.all("BL") == ()


def test_a_field_that_came_twice() -> None:
    fields = decode(b"24" + STATUS.encode() + b"BLN|BLY|PCa|PCa|", PLAIN, KEEP).message.fields
    assert fields.all("BL") == ("N", "Y")
    with pytest.raises(BadSip2, match="the field BL came more than once"):
        fields.one("BL")
    assert fields.one("PC") == "a", "twice the same says one thing"


def test_where_the_fields_of_an_answer_begin() -> None:
    assert decode(b"24" + STATUS.encode() + b"BLY|", PLAIN, KEEP).message.fields.one("BL") == "Y"
    assert len(STATUS) + 2 == 37
    assert decode(b"64" + INFORMATION.encode() + b"BLY|", PLAIN, KEEP).message.fields.one("BL") == "Y"
    assert len(INFORMATION) + 2 == 61


def test_names_and_addresses_are_not_kept() -> None:
    line = b"64" + INFORMATION.encode() + b"AA4711|AEAn Example|BD1 Example Street|BEa@example.org|BLY|"
    message = decode(line, PLAIN, KEEP).message
    assert message.fields.codes == ("AA", "BL")
    assert message.fields.others == {"AE", "BD", "BE"}
    assert message.fields.all("AE") == ()


def test_nothing_shows_what_it_holds() -> None:
    message = Message("64", INFORMATION, Fields([("AA", "4711"), ("PA", "20270101"), ("AA", "4712")]))
    for shown in (message, message.fields, patron_answer(message), Received(message, 3)):
        assert "AA" in repr(shown)
        assert "471" not in repr(shown)
        assert "2027" not in repr(shown)
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(message.fields)


@pytest.mark.parametrize(
    ("encoding", "written"), [("utf-8", b"J\xc3\xbcnger"), ("cp850", b"J\x81nger"), ("latin-1", b"J\xfcnger")]
)
def test_encodings(encoding: str, written: bytes) -> None:
    wire = Wire(encoding, checksum=False)
    fields = decode(b"24" + STATUS.encode() + b"PC" + written + b"|", wire, KEEP).message.fields
    assert fields.one("PC") == "J\u00fcnger"


def test_another_encoding_spoils_a_value_and_nothing_else() -> None:
    fields = decode(b"24" + STATUS.encode() + b"PCJ\xfcnger|BLY|", PLAIN, KEEP).message.fields
    assert (fields.one("PC"), fields.one("BL")) == ("J\ufffdnger", "Y")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"6",
        b"64",
        b"64" + INFORMATION[:-1].encode(),
        b"65" + INFORMATION.encode(),
        b"xx",
        b"\xff\xff",
        b"94\x00",
        b"24" + b"\xfc" * 14 + STATUS[14:].encode(),
    ],
)
def test_what_is_no_message(line: bytes) -> None:
    with pytest.raises(BadSip2):
        decode(line, PLAIN, KEEP)


def test_flags_of_a_patron() -> None:
    status = "Y N ?" + " " * 9
    answer = patron_answer(Message("24", status + STATUS[14:]))
    assert answer.flags == (True, False, False, False, True, *(False,) * 9)
    with pytest.raises(BadSip2):
        patron_answer(Message("94", "1"))


HOSTILE = [
    "12|34",
    "12\r34",
    "12\n34",
    "12\x0034",
    "1" * 65,
    "1" * 4096,
    "\u0661\u0662\u0663",
    "\uff11\uff12",
    " ",
    "12 34",
    "4711|BLY",
    "\u00e9",
    "\u2028",
    "\x1b[2J",
    "4711\x85",
    "\ud800",
]


@pytest.mark.parametrize("wire", [Wire(encoding) for encoding in ENCODINGS])
@pytest.mark.parametrize(
    ("code", "value"), [("AA", ""), *((code, value) for code in ("AA", "AD") for value in HOSTILE)]
)
def test_a_hostile_number_is_never_written(code: str, value: str, wire: Wire) -> None:
    with pytest.raises(Unsendable) as error:
        encode(Message("35", "20261122    000000", Fields([(code, value)])), wire, 0)
    assert len(value) < 2 or value not in str(error.value)


@pytest.mark.parametrize(
    "value", ["a|b", "a\rb", "a\nb", "a\0b", "a\x7f", "\u2028", "x" * 256, "\u00e9" * 128, "\ud800"]
)
def test_what_would_end_a_field_is_never_written(value: str) -> None:
    with pytest.raises(Unsendable) as error:
        encode(Message("93", "00", Fields([("CO", value)])), Wire(), 0)
    assert value not in str(error.value)


def test_what_the_encoding_has_not_is_never_written() -> None:
    with pytest.raises(Unsendable):
        encode(Message("93", "00", Fields([("CO", "\u20ac")])), Wire("cp850"), 0)


@pytest.mark.parametrize("code", ["", "A", "AAA", "AY", "AZ", "a1", "A|", "1A"])
def test_a_code_that_is_none_is_never_written(code: str) -> None:
    with pytest.raises(Unsendable):
        encode(Message("93", "00", Fields([(code, "x")])), Wire(), 0)


@pytest.mark.parametrize("fixed", ["", "0", "000", "0\r", "\u00e9x"])
def test_a_fixed_part_of_another_length_is_never_written(fixed: str) -> None:
    with pytest.raises(Unsendable):
        encode(Message("93", fixed), Wire(), 0)


@pytest.mark.parametrize("size", [1, 100, 4096])
def test_an_endless_line_is_refused_at_the_limit(size: int) -> None:
    lines, fed = Lines(limit=1000), 0
    for _ in range(1000 // size):
        assert list(lines.feed(b"x" * size)) == []
        fed += size
    with pytest.raises(TooLong):
        list(lines.feed(b"x" * size))
    assert 1000 - size < fed <= 1000


def test_a_line_of_the_limit_passes_and_one_beyond_it_does_not() -> None:
    assert list(Lines(limit=10).feed(b"x" * 10 + b"\r")) == [b"x" * 10]
    with pytest.raises(TooLong):
        list(Lines(limit=10).feed(b"x" * 11 + b"\r"))
