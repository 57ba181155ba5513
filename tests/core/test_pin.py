"""PINs: a type that does not print itself, and every way to type one."""

import copy
import dataclasses
import itertools
import json
import logging
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.framing.framer import KEYS, Key
from controller.core.pin import Cancelled, NotAPin, Pin, PinEntered, PinEntry, PinRules, TimedOut

RULES = PinRules(4, 6, 10.0)
LIMIT_US = 10_000_000
Result = PinEntered | Cancelled | TimedOut


def typed(entry: PinEntry, keys: str, now_us: int = 1) -> list[Result]:
    return [result for key in keys if (result := entry.press(Key(key), now_us)) is not None]


def asked(rules: PinRules = RULES) -> PinEntry:
    entry = PinEntry(rules)
    entry.begin(0)
    return entry


@pytest.mark.parametrize("digits", ["0", "1234", "0000", "9" * 40])
def test_digits_are_a_pin(digits: str) -> None:
    assert Pin(digits).reveal() == digits


@pytest.mark.parametrize(
    "text", ["", " ", "12a4", "1234 ", "+123", "-1", "1.2", "١٢٣٤", "²³", "1\n", "*", "#"]
)
def test_nothing_else_is_and_it_is_not_repeated(text: str) -> None:
    with pytest.raises(NotAPin) as refusal:
        Pin(text)
    assert not text.strip() or text not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "right"), [("123", False), ("1234", True), ("123456", True), ("1234567", False), ("", False)]
)
def test_the_branch_s_lengths_count(text: str, right: bool) -> None:
    if right:
        assert RULES.parse(text) == Pin(text)
    else:
        with pytest.raises(NotAPin, match="digits, not 4 to 6"):
            RULES.parse(text)


def test_a_pin_does_not_show_itself(caplog: pytest.LogCaptureFixture) -> None:
    pin = Pin("73914")
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r %s", pin, pin, {"pin": pin, "entered": PinEntered(pin)})
    for text in (repr(pin), str(pin), f"{pin}", f"{PinEntered(pin)}", caplog.text):
        assert "73914" not in text
    with pytest.raises(TypeError):
        json.dumps(pin)
    with pytest.raises(TypeError):
        pickle.dumps(pin)
    with pytest.raises(TypeError):
        copy.copy(pin)
    with pytest.raises(TypeError):
        copy.deepcopy(pin)
    with pytest.raises(TypeError):
        vars(pin)
    with pytest.raises(TypeError):
        dataclasses.asdict(PinEntered(pin))


def test_a_pin_does_not_change() -> None:
    pin = Pin("1234")
    with pytest.raises(AttributeError):
        pin.digits = "4321"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        del pin._Pin__digits  # type: ignore[attr-defined]
    assert pin == Pin("1234") != Pin("4321")
    assert len({pin, Pin("1234")}) == 1
    assert pin != "1234"


@pytest.mark.parametrize(
    ("keys", "results"),
    [
        ("1234#", [PinEntered(Pin("1234"))]),
        ("0000#", [PinEntered(Pin("0000"))]),
        ("123456#", [PinEntered(Pin("123456"))]),
        # As wrong as any: nobody is asked about it.
        ("123#", [PinEntered(None)]),
        ("1234567#", [PinEntered(None)]),
        ("1" * 500 + "#", [PinEntered(None)]),
        # Nothing is no PIN.
        ("#", [Cancelled()]),
        ("*", [Cancelled()]),
        ("12*#", [Cancelled()]),
        ("12**", [Cancelled()]),
        ("12*3456#", [PinEntered(Pin("3456"))]),
        ("1234567*3456#", [PinEntered(Pin("3456"))]),
        ("1234", []),
        # What comes after the end belongs to no card.
        ("1234#5678#*#", [PinEntered(Pin("1234"))]),
        ("*1234#", [Cancelled()]),
    ],
)
def test_what_is_typed(keys: str, results: list[Result]) -> None:
    assert typed(asked(), keys) == results


def test_keys_without_a_card_are_ignored_and_do_not_wait_for_one() -> None:
    entry = PinEntry(RULES)
    assert typed(entry, "12*34#*1234") == []
    entry.begin(0)
    assert typed(entry, "#") == [Cancelled()]


def test_another_card_begins_anew() -> None:
    entry = asked()
    assert typed(entry, "12345678") == []
    entry.begin(5)
    assert entry.deadline_us == LIMIT_US + 5
    assert typed(entry, "#") == [Cancelled()]


def test_an_entry_that_was_ended_takes_no_keys() -> None:
    entry = asked()
    typed(entry, "1234")
    entry.end()
    assert entry.deadline_us is None
    assert typed(entry, "1234#") == []
    assert entry.due(10 * LIMIT_US) is None


def test_the_time_counts_from_the_card_whatever_is_pressed() -> None:
    entry = asked()
    assert typed(entry, "1*2*3", LIMIT_US - 1) == []
    assert entry.deadline_us == LIMIT_US
    assert entry.due(LIMIT_US - 1) is None
    assert entry.due(LIMIT_US) == TimedOut()
    assert entry.due(LIMIT_US) is None
    assert typed(entry, "1234#", LIMIT_US) == []


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_comes_too_late_is_the_time_out_and_no_more(key: str) -> None:
    entry = asked()
    assert typed(entry, "1234") == []
    assert typed(entry, key, LIMIT_US) == [TimedOut()]
    assert typed(entry, key, LIMIT_US) == []


def test_every_short_sequence_of_keys_ends_as_it_reads() -> None:
    rules = PinRules(1, 2, 10.0)
    for keys in itertools.product("07*#", repeat=5):
        text = "".join(keys)
        results = typed(asked(rules), text)
        assert results == expected(text), text


def expected(text: str) -> list[Result]:
    """What was written before the first end, read backwards from there: a second way to say the same."""
    digits = ""
    for key in text:
        if key == "#":
            if not digits:
                return [Cancelled()]
            return [PinEntered(Pin(digits) if len(digits) <= 2 else None)]
        if key == "*" and not digits:
            return [Cancelled()]
        digits = "" if key == "*" else digits + key
    return []


@given(st.text(alphabet=KEYS), st.integers(0, 2 * LIMIT_US))
def test_whatever_is_pressed_a_pin_that_comes_out_was_typed(keys: str, now_us: int) -> None:
    entry = asked()
    for result in typed(entry, keys, now_us):
        if isinstance(result, PinEntered) and result.pin is not None:
            assert result.pin.reveal() + "#" in keys
            assert 4 <= len(result.pin.reveal()) <= 6
            assert now_us < LIMIT_US


@pytest.mark.parametrize("symbol", ["", "A", "12", "٣", " ", "\n"])
def test_there_are_no_other_keys(symbol: str) -> None:
    with pytest.raises(ValueError, match="keypad"):
        Key(symbol)


def test_a_key_does_not_show_itself() -> None:
    assert repr(Key("7")) == "Key()"
