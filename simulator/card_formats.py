"""What card readers send for a card, each type in its own way.

Here: the types, what ``[[doors.readers]]`` says of each, which card numbers the memberships hold where it
is used, and the bytes on the wire. Written apart from what the controller reads them with, and importing
none of it, so that a mistake there isn't made here as well. Never here: a wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from simulator.members import card_number
from simulator.osdp_cable import bits_of_text

SPREAD = 2_654_435_761
"""An odd number: multiplied by it, serial numbers stay different in any number of bits."""
RDM_VERSION = 0x10
"""The first of a tag's five bytes, which only records in hex hold."""


@dataclass(frozen=True, slots=True)
class ReaderType:
    """name: for people. settings: keys of the reader's table. number: the card of a serial number, as the
    memberships write it. sent: what the reader sends for such a card. bursts: and for each key of its keypad.
    bits: of one that is spoken to (OSDP), what it says for such a card: the bits, and how many.
    """

    name: str
    settings: Mapping[str, str | int]
    sent: Callable[[str], bytes] = field(repr=False)
    number: Callable[[int], str] = field(default=card_number, repr=False)
    bursts: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    bits: Callable[[str], tuple[int, int]] | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.name


# --- lines and magnetic stripes -------------------------------------------------------------------


def _line(card: str) -> bytes:
    return f"{card}\r".encode("ascii")


def _marked_line(card: str) -> bytes:
    return f"C{card}#\r\n".encode("ascii")


def lrc(track: str) -> str:
    """The character after ``?``: the data bits of all characters together come to zero."""
    total = 0
    for character in track:
        total ^= ord(character) - 0x30
    return chr(0x30 + total)


def _track_2(card: str) -> bytes:
    """With an expiry after the number, and the LRC."""
    track = f";{card}=9912?"
    return (track + lrc(track)).encode("ascii")


def _all_tracks(card: str) -> bytes:
    """The number in the second field, tracks 1 and 3 around it, a line end instead of the LRC."""
    return f"%B0^NOBODY^?;4={card}=9912?\r\n".encode("ascii")


# --- proximity cards ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bits:
    """What is on a proximity card: a facility code, then a number. How many bits, and digits, each has."""

    facility: int
    number: int
    facility_digits: int
    number_digits: int

    @property
    def count(self) -> int:
        return self.facility + self.number

    def value(self, serial: int) -> int:
        """Some card's bits, a different one for each serial number below 2 ** count."""
        return serial * SPREAD % (1 << self.count)

    def of(self, card: str, written: str) -> int:
        """The bits of a card number. written: as in ``number_as``."""
        match written:
            case "hex":
                return int(card, 16)
            case "facility":
                facility, number = card[: self.facility_digits], card[self.facility_digits :]
                return int(facility) * (1 << self.number) + int(number)
            case _:
                return int(card)

    def apart(self, value: int) -> tuple[str, str]:
        facility, number = divmod(value, 1 << self.number)
        return f"{facility:0{self.facility_digits}}", f"{number:0{self.number_digits}}"

    def write(self, value: int, written: str) -> str:
        match written:
            case "hex":
                return f"{value:0{(self.count + 3) // 4}X}"
            case "facility":
                return "".join(self.apart(value))
            case _:
                return f"{value:0{11 if self.count > 33 else 10}}"


WIEGAND = {26: Bits(8, 16, 3, 5), 34: Bits(16, 16, 5, 5), 37: Bits(16, 19, 5, 6)}
"""By how many bits are counted, the two of parity included."""
RDM = {"decimal": Bits(16, 16, 5, 5), "hex": Bits(24, 16, 8, 5), "facility": Bits(8, 16, 3, 5)}
"""By ``number_as``: the lowest bits of a tag's five bytes that the memberships write."""
KEYS = "0123456789*#"
COMPLEMENTED = ("F0", "E1", "D2", "C3", "B4", "A5", "96", "87", "78", "69", "5A", "4B")
BURSTS: Mapping[str, Mapping[str, str]] = {
    "4-bit": dict(zip(KEYS, "0123456789AB", strict=True)),
    "8-bit": dict(zip(KEYS, COMPLEMENTED, strict=True)),
}
"""By ``keypad``: what a converter writes for each key."""


def with_parity(value: int, count: int) -> int:
    """Even parity before the first half of the bits, odd after the last; a bit in the middle is in both."""
    bits = f"{value:0{count}b}"
    half = (count + 1) // 2
    even = bits[:half].count("1") % 2
    odd = 1 - bits[-half:].count("1") % 2
    return int(f"{even}{bits}{odd}", 2)


def _tag(bits: Bits, written: str, before_end: str) -> Callable[[str], bytes]:
    def sent(card: str) -> bytes:
        value = bits.of(card, written)
        content = value if bits.count == 40 else RDM_VERSION << 32 | value
        checksum = 0
        for byte in content.to_bytes(5, "big"):
            checksum ^= byte
        return f"\x02{content:010X}{checksum:02X}{before_end}\x03".encode("ascii")

    return sent


def _converted(count: int, text: str, written: str) -> Callable[[str], bytes]:
    """What a Wiegand converter makes of a card."""
    bits = WIEGAND[count]

    def sent(card: str) -> bytes:
        value = bits.of(card, written)
        parity = with_parity(value, bits.count)
        match text:
            case "hex":
                line = f"{value:0{(bits.count + 3) // 4}x}"
            case "hex-parity":
                line = f"{parity:0{(count + 3) // 4}X}"
            case "decimal":
                line = f"{value:0{len(str((1 << bits.count) - 1))}}"
            case "decimal-parity":
                line = f"{parity:0{len(str((1 << count) - 1))}}"
            case _:
                line = ",".join(bits.apart(value))
        return f"{line}\r\n".encode("ascii")

    return sent


def _numbers(bits: Bits, written: str) -> Callable[[int], str]:
    return lambda serial: bits.write(bits.value(serial), written)


# --- readers that are spoken to -------------------------------------------------------------------


def _on_the_air(count: int, written: str) -> Callable[[str], tuple[int, int]]:
    """A Wiegand card, with its parity."""
    return lambda card: (with_parity(WIEGAND[count].of(card, written), WIEGAND[count].count), count)


def with_keypad(type_: ReaderType, keypad: str) -> ReaderType:
    """The same Wiegand reader with a keypad. keypad: "4-bit" or "8-bit", which repeats the four inverted."""
    bursts = {key: f"{code}\r\n".encode("ascii") for key, code in BURSTS[keypad].items()}
    return replace(
        type_, name=f"{type_.name}-{keypad}", settings={**type_.settings, "keypad": keypad}, bursts=bursts
    )


# --- the types ------------------------------------------------------------------------------------

WRITTEN = {
    "hex": "hex",
    "hex-parity": "decimal",
    "decimal": "decimal",
    "decimal-parity": "facility",
    "facility": "decimal",
}
"""For each way in which a converter writes, one in which the memberships do."""


def _types() -> Iterator[ReaderType]:
    yield ReaderType("line", {"format": "line"}, _line)
    yield ReaderType("line-marked", {"format": "line", "prefix": "C", "suffix": "#"}, _marked_line)
    yield ReaderType("aba", {"format": "aba"}, _track_2)
    yield ReaderType("aba-all-tracks", {"format": "aba", "track_field": 2}, _all_tracks)
    for name, written, before_end in (
        ("rdm6300", "decimal", ""),
        ("rdm6300-facility", "facility", ""),
        ("id-12", "hex", "\r\n"),
    ):
        bits = RDM[written]
        settings = {"format": "rdm6300", "number_as": written}
        yield ReaderType(name, settings, _tag(bits, written, before_end), _numbers(bits, written))
    for count, bits in WIEGAND.items():
        for text, written in WRITTEN.items():
            settings = {"format": f"wiegand-{count}", "wiegand_text": text, "number_as": written}
            sent = _converted(count, text, written)
            type_ = ReaderType(f"wiegand-{count}-{text}", settings, sent, _numbers(bits, written))
            yield type_
            if count == 26 and text in ("hex", "decimal"):
                yield with_keypad(type_, "4-bit" if text == "hex" else "8-bit")
    for count, bits in WIEGAND.items():
        settings = {"format": "osdp", "osdp_card": f"wiegand-{count}", "number_as": "facility"}
        said = _on_the_air(count, "facility")
        yield ReaderType(f"osdp-{count}", settings, _line, _numbers(bits, "facility"), bits=said)
    yield ReaderType("osdp-text", {"format": "osdp", "osdp_card": "text"}, _line, bits=bits_of_text)


TYPES: Mapping[str, ReaderType] = {type_.name: type_ for type_ in _types()}
LINE = TYPES["line"]
