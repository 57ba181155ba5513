from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.strict_xml import DEEPEST, LONGEST_BYTES, MOST_ELEMENTS, BadXml, parse

LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]><a>&c;</a>'
)
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


def test_elements_have_their_names_texts_and_attributes() -> None:
    root = parse(b'<a xmlns:n="urn:n"><n:b c="1"> x&amp;<!-- y -->z </n:b><b/><n:b>second</n:b></a>')
    assert root.value("urn:n b") == "x&z"
    assert [found.text for found in root.all("urn:n b")] == [" x&z ", "second"]
    assert next(root.all("urn:n b")).attributes == {"c": "1"}
    assert root.value("nothing") == ""


@pytest.mark.parametrize(
    "data",
    [
        LAUGHS,
        OUTSIDE,
        LAUGHS.decode().encode("utf-16"),
        b"<!DOCTYPE a><a/>",
        b"",
        b"<a>",
        b"<a></b>",
        b"<a>&nothing;</a>",
        b"<a>\xff</a>",
        b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1),
        b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>",
        b"<a>" + b" " * LONGEST_BYTES + b"</a>",
    ],
)
def test_what_no_honest_answer_holds_is_refused(data: bytes) -> None:
    with pytest.raises(BadXml):
        parse(data)


@given(st.binary(max_size=200) | st.text("<>/a! &;[]=\"'-?", max_size=200).map(str.encode))
def test_nothing_else_comes_of_any_bytes(data: bytes) -> None:
    with suppress(BadXml):
        parse(data)
