"""Facts of a privacy notice: what is laxer than people were told, by hand and by property."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.core.event import JsonValue
from controller.core.notice import (
    LADDERS,
    Bound,
    Fact,
    Facts,
    NotFacts,
    compare,
    digest,
    facts,
    from_json,
    to_json,
)

STRICTER, LAXER, SAME = "stricter", "laxer", "same"


@pytest.mark.parametrize(
    ("bound", "told", "live", "expected"),
    [
        (Bound.AT_MOST, 14, 14, SAME),
        (Bound.AT_MOST, 14, 13, STRICTER),
        (Bound.AT_MOST, 14, 15, LAXER),
        (Bound.AT_MOST, 14, None, LAXER),
        (Bound.AT_MOST, None, 5_000, STRICTER),
        (Bound.AT_MOST, None, None, SAME),
        (Bound.AT_MOST, 0, 1, LAXER),
        (Bound.AT_LEAST, 2, 1, LAXER),
        (Bound.AT_LEAST, 1, 2, STRICTER),
        (Bound.NOT, False, True, LAXER),
        (Bound.NOT, True, False, STRICTER),
        (Bound.ONLY, ["police"], ["police", "press"], LAXER),
        (Bound.ONLY, ["police", "fire"], ["police"], STRICTER),
        (Bound.ONLY, ["police"], ["fire"], LAXER),
        (Bound.ONLY, ["a", "b"], ["b", "a"], STRICTER),  # in another order: it reads differently
        (Bound.ALL, ["street", "desk"], ["street"], LAXER),
        (Bound.ALL, ["street"], ["street", "desk"], STRICTER),
        (Bound.ALL, ["street"], ["desk"], LAXER),
        (Bound.ALL, ["a", "b"], ["b", "a"], STRICTER),
        (Bound.SAME, ["never sold"], ["never sold", "never lent"], LAXER),
        (Bound.SAME, ["never sold"], [], LAXER),
        (Bound.SAME, ["a", "b"], ["b", "a"], STRICTER),
        (Bound.RECORDED, "activity", "continuous", LAXER),
        (Bound.RECORDED, "off", "activity", LAXER),
        (Bound.RECORDED, "continuous", "off", STRICTER),
        (Bound.RIGHT, "yes", "case_by_case", LAXER),
        (Bound.RIGHT, "case_by_case", "not_required", LAXER),
        (Bound.RIGHT, "unstated", "yes", STRICTER),
        (Bound.TOLD, "for security", "for sport", STRICTER),
    ],
)
def test_a_value_that_changed(bound: Bound, told: JsonValue, live: JsonValue, expected: str) -> None:
    found = compare(facts([Fact("key", bound, told)]), facts([Fact("key", bound, live)]))
    assert [difference.laxer for difference in found] == ([] if expected == SAME else [expected == LAXER])


@pytest.mark.parametrize(
    ("bound", "value", "when_added", "when_left_out"),
    [
        (Bound.AT_MOST, 14, True, False),  # something is kept that nobody was told of
        (Bound.AT_MOST, 0, False, False),
        (Bound.AT_MOST, None, True, False),
        (Bound.AT_LEAST, 2, False, True),  # two people were promised
        (Bound.NOT, True, True, False),
        (Bound.NOT, False, False, False),
        (Bound.ONLY, ["police"], True, False),
        (Bound.ONLY, [], False, False),
        (Bound.ALL, ["street"], False, True),
        (Bound.ALL, [], False, False),
        (Bound.SAME, ["never sold"], True, True),
        (Bound.SAME, [], False, False),
        (Bound.RECORDED, "activity", True, False),
        (Bound.RECORDED, "off", False, False),
        (Bound.RIGHT, "yes", False, True),
        (Bound.RIGHT, "not_required", True, False),
        (Bound.TOLD, "words", False, False),
    ],
)
def test_a_fact_that_only_one_of_them_has(
    bound: Bound, value: JsonValue, when_added: bool, when_left_out: bool
) -> None:
    one, none = facts([Fact("key", bound, value)]), facts([])
    assert [difference.laxer for difference in compare(none, one)] == [when_added]
    assert [difference.laxer for difference in compare(one, none)] == [when_left_out]


def camera(id_: str, masks: list[JsonValue]) -> list[Fact]:
    key = f"cameras.{id_}"
    return [
        Fact(f"{key}.staffed", Bound.RECORDED, "continuous", key),
        Fact(f"{key}.masks", Bound.ALL, masks, key),
    ]


def test_a_camera_that_is_gone_takes_its_masks_with_it_and_one_that_stays_does_not() -> None:
    both = facts([*camera("street", ["a"]), *camera("desk", ["b"])])
    gone = compare(both, facts(camera("street", ["a"])))
    assert [(difference.key, difference.laxer) for difference in gone] == [
        ("cameras.desk.masks", False),
        ("cameras.desk.staffed", False),
    ]
    (uncovered,) = compare(both, facts([*camera("street", ["a"]), *camera("desk", [])]))
    assert uncovered.laxer
    assert any(difference.laxer for difference in compare(facts(camera("street", ["a"])), both))


def test_a_difference_in_words() -> None:
    notice = facts(
        [
            Fact("footage.retention_days", Bound.AT_MOST, 14),
            Fact("recipients", Bound.ONLY, ["police"]),
            Fact("told", Bound.TOLD, "one"),
        ]
    )
    live = facts(
        [
            Fact("footage.retention_days", Bound.AT_MOST, None),
            Fact("recipients", Bound.ONLY, ["press"]),
            Fact("pins", Bound.NOT, True),
        ]
    )
    assert [str(difference) for difference in compare(notice, live)] == [
        "footage.retention_days: the notice says 14, and it is no limit now",
        "pins: yes now, and the notice says nothing of it",
        'recipients: unlike in the notice now not "police", also "press"',
        'told: the notice says "one", and there is no such thing now',
    ]


def test_a_bound_that_changed_counts_as_laxer() -> None:
    (found,) = compare(facts([Fact("key", Bound.TOLD, "14")]), facts([Fact("key", Bound.AT_MOST, 14)]))
    assert found.laxer


# --- properties --------------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["a", "b", "c"]), unique=True).map(sorted)
VALUES: dict[Bound, st.SearchStrategy[JsonValue]] = {
    Bound.AT_MOST: st.none() | st.integers(0, 40),
    Bound.AT_LEAST: st.integers(0, 3),
    Bound.NOT: st.booleans(),
    Bound.ONLY: WORDS.map(list),
    Bound.ALL: WORDS.map(list),
    Bound.SAME: WORDS.map(list),
    Bound.RECORDED: st.sampled_from(LADDERS[Bound.RECORDED]),
    Bound.RIGHT: st.sampled_from(LADDERS[Bound.RIGHT]),
    Bound.TOLD: st.sampled_from(["one", "two"]),
}


@st.composite
def branches(draw: st.DrawFn) -> Facts:
    """The same keys with the same bounds each time, with any values, some of them missing."""
    found = []
    for bound, values in VALUES.items():
        for of in ("", "cameras.a"):
            if draw(st.booleans()):
                found.append(Fact(f"{bound}{of}", bound, draw(values), of))
    return facts(found)


@given(branches())
def test_what_is_as_the_notice_says_does_not_differ(one: Facts) -> None:
    assert compare(one, one) == []
    assert compare(from_json(json.loads(json.dumps(to_json(one)))), one) == []


@given(branches())
def test_the_order_of_facts_does_not_matter(one: Facts) -> None:
    assert digest(dict(reversed(one.items()))) == digest(one)


@given(branches(), branches())
def test_what_differs_is_told_once_for_each_key_and_changes_the_digest(one: Facts, other: Facts) -> None:
    keys = [difference.key for difference in compare(one, other)]
    assert keys == sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
    assert (digest(one) == digest(other)) == (not keys)


@given(branches(), branches(), branches())
def test_what_is_not_laxer_twice_over_is_not_laxer_at_once(one: Facts, two: Facts, three: Facts) -> None:
    keys = one.keys() & two.keys() & three.keys()
    one, two, three = ({key: found[key] for key in keys} for found in (one, two, three))

    def laxer(notice: Facts, live: Facts) -> bool:
        return any(difference.laxer for difference in compare(notice, live))

    assert laxer(one, two) or laxer(two, three) or not laxer(one, three)


@given(branches(), branches())
def test_of_two_that_differ_one_direction_is_laxer_unless_words_alone_differ(one: Facts, two: Facts) -> None:
    keys = one.keys() & two.keys()
    for there, back in zip(
        compare({key: one[key] for key in keys}, {key: two[key] for key in keys}),
        compare({key: two[key] for key in keys}, {key: one[key] for key in keys}),
        strict=True,
    ):
        assert there.live is not None
        told = there.live.bound is Bound.TOLD
        assert (there.laxer or back.laxer) == (not told)
        assert (there.laxer and back.laxer) <= (there.live.bound in (Bound.ONLY, Bound.ALL, Bound.SAME))


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [1],
        [{"key": "a"}],
        [{"key": 1, "bound": "told", "value": "", "of": ""}],
        [{"key": "a", "bound": "most", "value": "", "of": ""}],
        [{"key": "a", "bound": "told", "value": 1, "of": ""}],
        [{"key": "a", "bound": "right", "value": [], "of": ""}],
        [{"key": "a", "bound": "at_most", "value": True, "of": ""}],
        [{"key": "a", "bound": "at_least", "value": True, "of": ""}],
        [{"key": "a", "bound": "only", "value": [1], "of": ""}],
        [{"key": "a", "bound": "told", "value": "", "of": None}],
        [{"key": "a", "bound": "told", "value": "", "of": ""}] * 2,
    ],
)
def test_what_is_no_list_of_facts_is_refused(value: object) -> None:
    with pytest.raises(NotFacts):
        from_json(value)
