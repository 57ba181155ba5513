"""Canonical JSON against an independent implementation, and what leaf and head depend on."""

import dataclasses
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from controller.core.chain import MAX_EXACT_INT, NotCanonical, canonical, first_head, head, leaf, leaf_of_text
from controller.core.event import Event, EventType, JsonValue, Stamp

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_EXACT_INT, MAX_EXACT_INT)
    | st.text(st.characters(codec="utf-8"))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=5)
    ),
    max_leaves=20,
)
EVENT = Event(
    seq=7,
    id="01932c07-209c-7ded-b15c-1c5a3d9f1a11",
    type=EventType.ACCESS_GRANTED,
    stamp=Stamp(wall_us=1_793_613_600_000_000, mono_us=61_000_000, boot_id="b", clock_trusted=True),
    subject="door/front",
    data={"mode": "unstaffed"},
)


@given(VALUES)
def test_canonical_json_is_that_of_another_implementation(value: JsonValue) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [*range(0x100), 0x2028, 0x2029, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF])
def test_every_awkward_character(code: int) -> None:
    assert canonical({chr(code): chr(code)}) == rfc8785.dumps({chr(code): chr(code)})


def test_keys_are_sorted_by_utf_16_as_in_rfc_8785_section_3_2_3() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    expected = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    text = canonical(dict.fromkeys(keys, 0)).decode()
    assert sorted(keys, key=lambda key: text.index(canonical(key).decode())) == expected


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        MAX_EXACT_INT + 1,
        -MAX_EXACT_INT - 1,
        "\ud800",
        {"\udfff": 1},
        {1: 1},
        (1,),
        b"x",
        [{"deep": 0.5}],
        EventType,
    ],
)
def test_what_is_outside_the_subset_is_refused(value: JsonValue) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_an_enumerated_value_is_its_text() -> None:
    assert canonical(EventType.DOOR_OPENED) == b'"door.opened"'


def test_leaf_is_the_hash_of_the_event_with_the_hashes_of_its_boxes() -> None:
    box_hash = sha256(b"box").hexdigest()
    expected = (
        '{"boot_id":"b","clock_trusted":true,"data":{"mode":"unstaffed"},'
        '"id":"01932c07-209c-7ded-b15c-1c5a3d9f1a11","mono_us":61000000,'
        f'"sealed":{{"card":"{box_hash}"}},"seq":7,"subject":"door/front",'
        '"type":"access.granted","wall_us":1793613600000000}'
    )
    assert leaf(EVENT, {"card": b"box"}) == sha256(expected.encode()).digest()


def test_leaf_depends_on_everything_in_the_event() -> None:
    stamp = EVENT.stamp
    others = [
        dataclasses.replace(EVENT, seq=8),
        dataclasses.replace(EVENT, id="01932c07-209c-7ded-b15c-1c5a3d9f1a12"),
        dataclasses.replace(EVENT, type=EventType.ACCESS_REFUSED),
        dataclasses.replace(EVENT, subject="door/back"),
        dataclasses.replace(EVENT, data={}),
        *(
            dataclasses.replace(EVENT, stamp=changed)
            for changed in (
                dataclasses.replace(stamp, wall_us=1),
                dataclasses.replace(stamp, mono_us=1),
                dataclasses.replace(stamp, boot_id="c"),
                dataclasses.replace(stamp, clock_trusted=False),
            )
        ),
    ]
    leaves = {leaf(event, {}) for event in [EVENT, *others]}
    leaves |= {leaf(EVENT, {"card": b"1"}), leaf(EVENT, {"card": b"2"}), leaf(EVENT, {"pin": b"1"})}
    assert len(leaves) == 1 + len(others) + 3


def test_heads_chain() -> None:
    start = first_head("journal")
    assert start == sha256(b"journal").digest()
    one, two = sha256(b"1").digest(), sha256(b"2").digest()
    assert head(start, one) == sha256(start + one).digest()
    assert head(head(start, one), two) != head(head(start, two), one)


@pytest.mark.parametrize(
    ("previous", "following"), [(b"", bytes(32)), (bytes(32), b""), (bytes(33), bytes(31))]
)
def test_a_head_takes_whole_digests_only(previous: bytes, following: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        head(previous, following)


@pytest.mark.parametrize(
    "boxes", [{}, {"card": b"1"}, {"z": b"1", "a": b"2", "\U0001f512": b"3", "\ufb33": b"4"}]
)
def test_the_leaf_is_the_same_from_the_text_that_is_stored(boxes: dict[str, bytes]) -> None:
    data: dict[str, JsonValue] = {"b": 'a "quote", \u20ac\n', "a": [1, True, None, {"\u00e9": -5}]}
    stamp = Stamp(1_795_219_200_000_000, 1, 'boot "1"', False)
    event = Event(7, "id\\7", EventType.DOOR_OPENED, stamp, "front/\u00e9", data)
    text = canonical(data).decode()
    found = leaf_of_text(7, event.id, event.type, stamp, event.subject, text, boxes)
    assert found == leaf(event, boxes)


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null", '{},"id":"x"', "{}x"])
def test_no_leaf_is_made_of_what_is_no_object(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- json's, or ours
        leaf_of_text(1, "id", EventType.DOOR_OPENED, Stamp(1, 1, "b", True), "front", text, {})
