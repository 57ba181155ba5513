"""Every format of card readers, whatever the wire does to it. A format is a row of FORMATS."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.card import CardNumber
from controller.core.framing.aba import AbaFramer
from controller.core.framing.framer import KEYS, Framer, Garbage, Key
from controller.core.framing.lines import LineFramer
from controller.core.framing.number import NumberAs
from controller.core.framing.rdm6300 import Rdm6300Framer
from controller.core.framing.repeats import Repeats
from controller.core.framing.wiegand import LAYOUTS, Keypad, WiegandFramer, WiegandText

Found = list[str | Key | Garbage]
BURSTS: dict[Keypad, list[str]] = {
    "none": [],
    "4-bit": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B"],
    "8-bit": ["F0", "E1", "D2", "C3", "B4", "A5", "96", "87", "78", "69", "5A", "4B"],
}
"""What a keypad sends for each of KEYS."""


@dataclass(frozen=True)
class Format:
    """new: a framer. sent: what a reader sends for ``card``. written: the ways a card can stand in bytes."""

    name: str
    new: Callable[[], Framer]
    sent: bytes
    card: str
    written: Callable[[str], list[str]]
    checked: bool = False
    keypad: Keypad = "none"

    def __str__(self) -> str:
        return self.name


def on_a_line(card: str) -> list[str]:
    return [card.upper() + "\r"]


def in_field(card: str) -> list[str]:
    return [begin + card + end for begin in ";=" for end in "=?"]


def in_tag(card: str) -> list[str]:
    return [f"{int(card):08X}"]


def wiegand(
    bits: int, text: WiegandText, sent: str, card: str, number_bits: int, keypad: Keypad = "none"
) -> Format:
    """``bits`` with parity, as everybody counts them."""

    def written(card: str) -> list[str]:
        value = int(card)
        both = [first << (bits - 1) | value << 1 | last for first in (0, 1) for last in (0, 1)]
        facility, number = divmod(value, 1 << number_bits)
        digits = {26: (3, 5), 34: (5, 5), 37: (5, 6)}[bits]
        apart = f"{facility:0{digits[0]}}", f"{number:0{digits[1]}}"
        return {
            "hex": [f"{value:0{-(-(bits - 2) // 4)}X}"],
            "hex-parity": [f"{one:0{-(-bits // 4)}X}" for one in both],
            "decimal": [f"{value:0{len(str(2 ** (bits - 2)))}}"],
            "decimal-parity": [f"{one:0{len(str(2**bits))}}" for one in both],
            "facility": [between.join(apart) for between in ("", *" ,:;/-")],
        }[text]

    layout = LAYOUTS[f"wiegand-{bits}"]
    return Format(
        f"wiegand-{bits} {text}" + (f" {keypad}" if keypad != "none" else ""),
        lambda: WiegandFramer(layout, text, keypad=keypad),
        sent.encode() + b"\r\n",
        card,
        written,
        keypad=keypad,
    )


FORMATS = [
    Format("line", lambda: LineFramer(b"", b""), b"25891000331441\r", "25891000331441", on_a_line),
    Format("aba", AbaFramer, b";25891000331441?3", "25891000331441", in_field, checked=True),
    Format("aba without LRC", AbaFramer, b";25891000331441?\r\n", "25891000331441", in_field),
    Format(
        "aba, all tracks",
        AbaFramer,
        b"%B25891000331441^SURNAME/NAME?;25891000331441=9912?+01=7?\r",
        "25891000331441",
        in_field,
    ),
    Format("rdm6300", Rdm6300Framer, b"\x02100086F44426\x03", "0008844356", in_tag, checked=True),
    Format("id-12", Rdm6300Framer, b"\x02100086F44426\r\n\x03", "0008844356", in_tag, checked=True),
    # 134,62532 is the same card; the 34 bits, parity included, are a maker's example for 1234567890.
    wiegand(26, "hex", "86F444", "0008844356", 16),
    wiegand(26, "hex-parity", "30DE888", "0008844356", 16),
    wiegand(26, "decimal", "08844356", "0008844356", 16),
    wiegand(26, "decimal-parity", "51243144", "0008844356", 16),
    wiegand(26, "facility", "134,62532", "0008844356", 16),
    wiegand(34, "hex", "499602D2", "1234567890", 16),
    wiegand(34, "hex-parity", "2932C05A4", "1234567890", 16),
    wiegand(34, "facility", "18838:00722", "1234567890", 16),
    wiegand(37, "hex", "000080002", "00000524290", 19),
    wiegand(37, "hex-parity", "1000100004", "00000524290", 19),
    wiegand(37, "facility", "00001 000002", "00000524290", 19),
    wiegand(26, "hex", "86F444", "0008844356", 16, "4-bit"),
    wiegand(26, "hex", "86F444", "0008844356", 16, "8-bit"),
    wiegand(34, "facility", "18838:00722", "1234567890", 16, "8-bit"),
]
every_format = pytest.mark.parametrize("format", FORMATS, ids=str)


def whole(data: bytes, framer: Framer) -> Found:
    return framer.feed(data)


def byte_at_a_time(data: bytes, framer: Framer) -> Found:
    return [found for byte in data for found in framer.feed(bytes([byte]))]


def cards(found: Found) -> list[str]:
    return [text for text in found if isinstance(text, str)]


def keys(found: Found) -> list[str]:
    return [key.symbol for key in found if isinstance(key, Key)]


def was_sent(card: str, format: Format, wire: bytes) -> bool:
    text = wire.decode("latin-1").upper().replace("\n", "\r")
    return any(form in text for form in format.written(card))


def pressed(format: Format, wire: bytes) -> list[str]:
    """The keys whose bursts stand alone on a line."""
    lines = wire.decode("latin-1").upper().replace("\n", "\r").split("\r")[:-1]
    bursts = BURSTS[format.keypad]
    return [KEYS[bursts.index(line)] for line in lines if line in bursts]


@pytest.mark.parametrize("feed", [whole, byte_at_a_time])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (b"\r\n\r\n", b"\r\n"),
        (b"\xff\x00\x13\x8a\r", b"\r"),
        (b"noise that nobody made\n", b"\r\n"),
        (b"\x80" * 5000 + b"\r", b"\r"),
        (b"1" * 5000 + b"\r", b"\r"),
        (b";" * 60 + b"\r", b"\r"),
        (b"\x02" * 60 + b"\r", b"\r"),
    ],
    ids=["alone", "empty lines", "line noise", "words", "babble", "digits", "starts", "STX"],
)
@every_format
def test_a_card_is_read_once_whatever_comes_around_it(
    format: Format, before: bytes, after: bytes, feed: Callable[[bytes, Framer], Found]
) -> None:
    found = feed(before + format.sent + after, format.new())
    assert [card for card in cards(found) if len(card) == len(format.card)] == [format.card]
    assert was_sent(format.card, format, before + format.sent + after)


@pytest.mark.parametrize("feed", [whole, byte_at_a_time])
@every_format
def test_a_card_held_at_the_reader_comes_again_and_is_one_swipe(
    format: Format, feed: Callable[[bytes, Framer], Found]
) -> None:
    framer, repeats = format.new(), Repeats(2.0)
    found = [card for _ in range(40) for card in feed(format.sent, framer)]
    assert found == [format.card] * 40
    told = [
        card for at, card in enumerate(cards(found)) if not repeats.is_repeat(CardNumber(card), at * 50_000)
    ]
    assert told == [format.card]


@every_format
def test_a_piece_of_a_card_is_no_other_card_and_the_next_is_read(format: Format) -> None:
    for cut in range(len(format.sent)):
        for piece in (
            format.sent[:cut],
            format.sent[cut:],
            format.sent[:cut] + format.sent[cut + 1 :],
        ):
            found = whole(piece + b"\r" + format.sent, format.new())
            assert {card for card in cards(found) if len(card) == len(format.card)} == {format.card}, piece
            assert found[-1] == format.card, piece


@pytest.mark.parametrize("format", [format for format in FORMATS if format.checked], ids=str)
def test_one_wrong_bit_makes_no_other_card(format: Format) -> None:
    for place in range(len(format.sent)):
        for bit in range(8):
            wire = bytearray(format.sent)
            wire[place] ^= 1 << bit
            assert set(cards(whole(bytes(wire) + b"\r", format.new()))) <= {format.card}


@pytest.mark.parametrize("format", [format for format in FORMATS if "parity" in format.name], ids=str)
def test_one_wrong_bit_of_a_wiegand_card_breaks_its_parity(format: Format) -> None:
    base = 16 if "hex" in format.name else 10
    text = format.sent.decode().strip()
    bits = int(format.name[8:10])
    for bit in range(bits):
        value = int(text, base) ^ 1 << bit
        wrong = f"{value:0{len(text)}X}" if base == 16 else f"{value:0{len(text)}}"
        assert whole(wrong.encode() + b"\r", format.new()) == [Garbage.BAD_CHECK]


@pytest.mark.parametrize(
    ("framer", "sent", "found"),
    [
        (AbaFramer(2), b";123=25891000331441=9?\r", ["25891000331441"]),
        (AbaFramer(4), b";123=25891000331441=9?\r", [Garbage.SHAPE]),
        (AbaFramer(1), b";=25891000331441?\r", [Garbage.SHAPE]),
        (AbaFramer(), b";25891000331441?4\r", [Garbage.BAD_CHECK]),
        (AbaFramer(), b";25891000331441\r", [Garbage.NOT_FRAMED]),
        (AbaFramer(), b"25891000331441\r", [Garbage.NOT_FRAMED]),
        (AbaFramer(), b";2589<000331441?\r", [Garbage.SHAPE]),
        (AbaFramer(), b";" + b"1" * 37 + b"?\r", ["1" * 37]),
        (AbaFramer(), b";" + b"1" * 38 + b"?\r", [Garbage.TOO_LONG]),
        # Without LRC and line end, the next card's start ends this one, which cannot be known to be whole.
        (AbaFramer(), b";25891000331441?;25891000331441?3", [Garbage.BAD_CHECK, "25891000331441"]),
        (AbaFramer(), b";25891000331441?", []),
        (Rdm6300Framer("hex"), b"\x02100086f44426\x03", ["100086F444"]),
        (Rdm6300Framer("facility"), b"\x02100086F44426\x03", ["13462532"]),
        (Rdm6300Framer(), b"\x02100086F44427\x03", [Garbage.BAD_CHECK]),
        (Rdm6300Framer(), b"\x02100086G44426\x03", [Garbage.SHAPE]),
        (Rdm6300Framer(), b"\x02100086\x02100086F44426\x03", [Garbage.NOT_FRAMED, "0008844356"]),
        (Rdm6300Framer(), b"\x02100086F4442600000\x03", [Garbage.TOO_LONG]),
        (Rdm6300Framer(), b"100086F44426\r", [Garbage.NOT_FRAMED]),
    ],
)
def test_what_a_frame_is_taken_for(framer: Framer, sent: bytes, found: Found) -> None:
    assert framer.feed(sent) == found


@pytest.mark.parametrize(
    ("bits", "text", "sent"),
    [
        (26, "hex", "86F44"),
        (26, "hex", "086F444"),
        (26, "hex", "86G444"),
        (26, "decimal", "16777216"),
        (26, "decimal", "8844356"),
        (26, "decimal", "008844356"),
        (26, "decimal", "+8844356"),
        (26, "hex-parity", "86F444"),
        (26, "hex-parity", "70DE888"),
        (26, "facility", "256,00001"),
        (26, "facility", "134,65536"),
        (26, "facility", "134,,62532"),
        (34, "decimal", "4294967296"),
        (37, "hex", "800000000"),
        (37, "hex-parity", "3000100004"),
    ],
)
def test_what_is_not_as_wide_as_the_format_is_no_card(bits: int, text: WiegandText, sent: str) -> None:
    framer = WiegandFramer(LAYOUTS[f"wiegand-{bits}"], text)
    assert framer.feed(sent.encode() + b"\r") == [Garbage.SHAPE]


@pytest.mark.parametrize(
    ("number_as", "card"), [("decimal", "0008844356"), ("hex", "86F444"), ("facility", "13462532")]
)
def test_the_same_card_is_written_as_the_records_write_it(number_as: NumberAs, card: str) -> None:
    framer = WiegandFramer(LAYOUTS["wiegand-26"], "hex", number_as, b"W", b"#")
    assert framer.feed(b"W86f444#\r") == [card]
    assert LAYOUTS["wiegand-26"].length(number_as) == len(card)


@pytest.mark.parametrize("feed", [whole, byte_at_a_time])
@pytest.mark.parametrize("keypad", ["4-bit", "8-bit"])
@pytest.mark.parametrize("text", ["hex", "hex-parity", "decimal", "decimal-parity", "facility"])
@pytest.mark.parametrize("bits", [26, 34, 37])
def test_a_burst_is_a_key_and_never_a_card(
    bits: int, text: WiegandText, keypad: Keypad, feed: Callable[[bytes, Framer], Found]
) -> None:
    wire = "".join(burst + "\r\n" for burst in BURSTS[keypad]).encode()
    for sent in (wire, wire.lower()):
        found = feed(sent, WiegandFramer(LAYOUTS[f"wiegand-{bits}"], text, keypad=keypad))
        assert found == [Key(symbol) for symbol in KEYS]


@pytest.mark.parametrize("keypad", ["none", "4-bit", "8-bit"])
def test_every_other_line_of_one_or_two_characters_is_neither(keypad: Keypad) -> None:
    framer = WiegandFramer(LAYOUTS["wiegand-26"], keypad=keypad)
    for first in range(0x20, 0x7F):
        for line in (chr(first), *(chr(first) + chr(second) for second in range(0x20, 0x7F))):
            found = framer.feed(line.encode() + b"\r")
            if line.upper() in BURSTS[keypad]:
                assert found == [Key(KEYS[BURSTS[keypad].index(line.upper())])]
            else:
                assert found == [Garbage.SHAPE]


def test_the_converter_s_marks_are_around_keys_as_well() -> None:
    framer = WiegandFramer(LAYOUTS["wiegand-26"], prefix=b"W", suffix=b"#", keypad="8-bit")
    assert framer.feed(b"WA5#\rA5\rW86F444#\r") == [Key("5"), Garbage.NOT_FRAMED, "0008844356"]


def pieces(format: Format) -> list[bytes]:
    """What makes trouble for this format."""
    half = len(format.sent) // 2
    marks = [b"\r", b"\n", b"\x02", b"\x03", b";", b"=", b"?", b"+", b"%", b"7", b"A", b"\0", b"\xff", b"|"]
    bursts = [f"{burst}\r".encode() for burst in BURSTS[format.keypad]]
    return [format.sent, format.sent.lower(), format.sent[:half], format.sent[half:], *marks, *bursts]


@given(st.data())
@every_format
def test_how_the_bytes_are_chopped_up_changes_nothing_and_no_card_is_made_up(
    format: Format, data: st.DataObject
) -> None:
    wire = b"".join(data.draw(st.lists(st.sampled_from(pieces(format)) | st.binary(max_size=8), max_size=30)))
    framer = format.new()
    found = whole(wire, framer)
    assert byte_at_a_time(wire, format.new()) == found
    assert all(was_sent(card, format, wire) for card in cards(found))
    assert keys(found) == pressed(format, wire)
    assert framer.feed(b"\r" + format.sent)[-1] == format.card
