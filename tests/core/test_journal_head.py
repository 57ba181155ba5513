from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.journal_head import JournalHead, NotAHead

TEXT = """\
worcestershire/droitwich/door/019aa700-0000-7aaa-8bbb-000000000001
4711
AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
2026-11-21T18:04:05.000165Z
"""
HEAD = JournalHead(
    "worcestershire/droitwich/door",
    "019aa700-0000-7aaa-8bbb-000000000001",
    4711,
    bytes(range(32)),
    1_795_284_245_000_165,
    True,
)


def test_the_text_of_a_head() -> None:
    assert HEAD.text == TEXT
    assert JournalHead.parse(TEXT) == HEAD


def test_a_clock_that_was_not_believed_is_told() -> None:
    text = TEXT.replace("165Z", "165Z untrusted")
    assert not JournalHead.parse(text).clock_trusted
    assert JournalHead.parse(text).text == text


@given(st.integers(1, 2**53), st.binary(min_size=32, max_size=32), st.integers(1, 2**52), st.booleans())
def test_what_is_written_is_read(seq: int, digest: bytes, wall_us: int, trusted: bool) -> None:
    head = JournalHead("a/b/c", HEAD.journal_id, seq, digest, wall_us, trusted)
    assert JournalHead.parse(head.text) == head


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("4711", "0"),
        ("4711", "04711"),
        ("4711", "-1"),
        ("worcestershire/droitwich/door/", ""),
        ("worcestershire", "worcester shire"),
        ("019aa700", "019AA700"),
        ("AAEC", ""),
        ("Hh8=", "Hh9="),
        ("AAEC", "AA C"),
        ("11-21", "13-21"),
        ("18:04", "25:04"),
        ("165Z", "165"),
        (".000165", ""),
        ("165Z", "165Z trusted"),
        ("Z\n", "Z"),
        ("Z\n", "Z\nmore\n"),
    ],
)
def test_what_is_no_head(part: str, instead: str) -> None:
    with pytest.raises(NotAHead):
        JournalHead.parse(TEXT.replace(part, instead))
