"""Each type of reader against examples from elsewhere, and against the controller's own settings."""

import pytest

from controller.core.card import CardNumber, CardRules
from controller.core.framing.framer import Key
from controller.devices import CardBits
from controller.door.swipes import Swipes, framer_for
from controller.settings.reader import Reader
from simulator.card_formats import KEYS, TYPES, ReaderType, lrc, with_keypad, with_parity

every_type = pytest.mark.parametrize("type_", TYPES.values(), ids=str)


@pytest.mark.parametrize(
    ("name", "card", "sent"),
    [
        ("line", "25891000331441", b"25891000331441\r"),
        ("rdm6300", "0008844356", b"\x02100086F44426\x03"),
        ("id-12", "100086F444", b"\x02100086F44426\r\n\x03"),
        ("wiegand-26-hex", "86F444", b"86f444\r\n"),
        ("wiegand-26-hex-parity", "0008844356", b"30DE888\r\n"),
        ("wiegand-26-decimal-parity", "13462532", b"51243144\r\n"),
        ("wiegand-26-facility", "0008844356", b"134,62532\r\n"),
        ("wiegand-34-hex-parity", "1234567890", b"2932C05A4\r\n"),
        ("wiegand-37-hex-parity", "00000524290", b"1000100004\r\n"),
    ],
)
def test_known_cards_are_sent_as_real_readers_send_them(name: str, card: str, sent: bytes) -> None:
    assert TYPES[name].sent(card) == sent


def test_check_characters_and_bits_are_those_of_known_cards() -> None:
    assert lrc(";25891000331441?") == "3"
    assert with_parity(0, 24) == 1


@every_type
def test_the_controller_reads_the_card_that_was_meant(type_: ReaderType) -> None:
    reader = Reader.model_validate({"port": "/dev/null", **type_.settings})
    for serial in (1, 21, 99_999_999):
        card = type_.number(serial)
        rules = CardRules(len(card), len(card), "alphanumeric", "off")
        said = type_.sent(card) if type_.bits is None else CardBits(*type_.bits(card))
        assert Swipes(reader, rules).feed(said, 0) == [CardNumber(card)]
        assert reader.card_length in (None, len(card))


@every_type
def test_nobody_shares_a_card(type_: ReaderType) -> None:
    serials = [*range(1, 2_000), 99_999_999]
    cards = [type_.number(serial) for serial in serials]
    assert len(set(cards)) == len(serials)
    assert len({len(card) for card in cards}) == 1


@pytest.mark.parametrize("keypad", ["4-bit", "8-bit"])
def test_the_controller_reads_the_key_that_was_pressed(keypad: str) -> None:
    type_ = with_keypad(TYPES["wiegand-26-hex"], keypad)
    framer = framer_for(Reader.model_validate({"port": "/dev/null", **type_.settings}))
    assert type_.bursts["5"] == (b"5\r\n" if keypad == "4-bit" else b"A5\r\n")
    assert [framer.feed(type_.bursts[key]) for key in KEYS] == [[Key(key)] for key in KEYS]
