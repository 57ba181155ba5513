"""The simulated system's own codec, against known messages, against pysip2's and against the controller's."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysip2 import PatronInformationRequest, calculate_checksum, encode_message, verify_checksum

from controller.membership.sip2.codec import Fields, Message, Wire, decode, encode
from simulator.lms.sip2_wire import Garbled, checksum, joined, read, written

VECTORS = [b"941AY0AZFDFD", b"96AZFEF6"]
FIXED = "00120261122    120000          "


@pytest.mark.parametrize("message", VECTORS)
def test_checksums_known_to_be_right(message: bytes) -> None:
    assert checksum(message[:-4]) == message[-4:].decode() == calculate_checksum(message[:-4])


def test_answers_known_to_be_right() -> None:
    assert written("941", "utf-8", "0") == VECTORS[0]
    assert written("96", "utf-8") == VECTORS[1]
    assert written("96", "utf-8", checked=False) == b"96"


def test_a_checksum_often_quoted_is_wrong() -> None:
    """It is in several manuals, and in the tests of a package."""
    login = b"9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZ"
    assert read(login + b"EC7B", "utf-8").code == "93"
    with pytest.raises(Garbled):
        read(login + b"EC78", "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "latin-1"])
def test_reads_what_another_implementation_writes(encoding: str) -> None:
    message = PatronInformationRequest(
        language="001",
        transaction_date="20261122    120000",
        summary=" " * 10,
        institution_id="Bücherei",
        patron_identifier="29999000000015",
        patron_password="",
    )
    line = encode_message(message, sequence_number=7, checksum=True, encoding=encoding).rstrip(b"\r")
    question = read(line, encoding)
    assert (question.code, question.sequence, question.checked) == ("63", "7", True)
    assert (question.card, question.pin, question.fields["AO"]) == ("29999000000015", "", "Bücherei")
    assert question.fixed == FIXED


@pytest.mark.parametrize("encoding", ["utf-8", "cp850", "latin-1"])
def test_another_implementation_believes_its_checksums(encoding: str) -> None:
    line = written("64" + joined([("AE", "Näme"), ("AA", "1|2")]), encoding, "9")
    assert verify_checksum(line)
    assert "AA1 2|" in line.decode(encoding)


def test_a_question_without_pin_without_last_bar_and_with_a_field_twice() -> None:
    question = read(f"63{FIXED}AA1|AA2|AOx".encode(), "utf-8")
    assert (question.card, question.pin, question.fields["AO"], question.checked) == ("1", None, "x", False)


def test_shows_nothing_of_a_patron() -> None:
    assert "29999" not in repr(read(f"63{FIXED}AA29999000000015|AD4711|".encode(), "utf-8"))


@pytest.mark.parametrize("line", [b"", b"6", b"64", b"63001", b"9300AY1AZ0000", b"GET / HTTP/1.1"])
def test_what_is_no_question(line: bytes) -> None:
    with pytest.raises(Garbled):
        read(line, "utf-8")


ENCODINGS: list[Literal["utf-8", "cp850", "latin-1"]] = ["utf-8", "cp850", "latin-1"]
CODES = st.from_regex(r"[B-X][A-Z0-9]", fullmatch=True)  # none that a codec treats in its own way
VALUES = st.text(st.sampled_from("abcéüñ ,.-1234567890"), max_size=20)


@given(st.dictionaries(CODES, VALUES, max_size=5), st.integers(0, 9), st.booleans())
def test_reads_what_the_controller_writes(fields: dict[str, str], sequence: int, checked: bool) -> None:
    message = Message("63", FIXED, Fields(fields.items()))
    question = read(encode(message, Wire("cp850", checksum=checked), sequence).rstrip(b"\r"), "cp850")
    assert (question.fixed, question.fields) == (FIXED, fields)
    assert (question.checked, question.sequence) == (checked, str(sequence) if checked else None)


@given(st.lists(st.tuples(CODES, VALUES), max_size=5), st.integers(0, 9), st.sampled_from(ENCODINGS))
def test_the_controller_reads_what_it_writes(
    fields: list[tuple[str, str]], sequence: int, encoding: Literal["utf-8", "cp850", "latin-1"]
) -> None:
    line = written(f"36Y{FIXED[3:21]}{joined(fields)}", encoding, str(sequence))
    received = decode(line, Wire(encoding), [code for code, _ in fields])
    assert received.sequence == sequence
    assert list(received.message.fields) == fields
