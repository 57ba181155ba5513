from __future__ import annotations

import string
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.settings.filled import filled
from controller.settings.model import Settings
from controller.settings.toml_text import document, text_of

EXAMPLE = (Path(__file__).parents[2] / "config" / "branch.example.toml").read_text()
TABLES = tomllib.loads(EXAMPLE)
LEAST: dict[str, Any] = {
    "branch": {"authority": "testshire", "branch": "market-street", "name": "Market Street"},
    "doors": [{"readers": [{"port": "/dev/a"}], "lock": {"pin": 17}}],
}

GARDEN = {"id": "garden", "readers": [{"port": "/dev/b"}], "lock": {"pin": 14}, "help": {"pin": 15}}

values = st.recursive(
    st.text() | st.integers(-(2**60), 2**60) | st.booleans() | st.dates() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(values)
def test_a_value_is_read_as_it_was_written(value: object) -> None:
    assert tomllib.loads(f"value = {text_of(value)}") == {"value": value}


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(string.ascii_letters + '."é ', max_size=5), values, max_size=4))
def test_a_document_is_read_as_it_was_written(tables: dict[str, object]) -> None:
    assert tomllib.loads(document(tables)) == tables


def test_the_example_filled_with_its_own_values_is_the_example() -> None:
    written = filled(EXAMPLE, TABLES)
    assert written.partition("\n\n")[2] == EXAMPLE.partition("\n\n")[2]


def same(written: str, settings: dict[str, Any]) -> bool:
    read, wanted = (Settings.model_validate(each) for each in (tomllib.loads(written), settings))
    return read.model_dump() == wanted.model_dump()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"doors": [*TABLES["doors"], GARDEN], "mqtt": {"enabled": False}},
        {"lms": {"sip2": {"dialect": "koha", "host": "127.0.0.1", "fields": {"expiry": "PX"}}}},
        {"categories": {"a b": {"hours": {"sun": ["06:00-08:00"]}}, "cleaner": {}, "c": {"opens_up": True}}},
        {
            "hours": {
                "dates": {"2026-12-24": {"staffed": ["10:00-13:00"]}},
                "staffed": {"sun": ["10:00-13:00"]},
            }
        },
        {"texts": {"granted": ['"Hello"', "\\ # you"]}},
        {"cameras": [{"id": "a", "url": "rtsp://a/b"}, {"id": "b", "url": "rtsp://b/b", "zones": []}]},
        {
            "inputs": {"help": {"pin": 3}},
            "console": {"sso": {"openid": {"issuer": "https://a.b", "client_id": "c"}}},
        },
    ],
)
def test_whatever_is_set_is_read_again(more: dict[str, Any]) -> None:
    wanted = {**LEAST, **more}
    assert same(filled(EXAMPLE, wanted), wanted)


def test_what_is_not_set_stays_as_an_example() -> None:
    lines = filled(EXAMPLE, LEAST).splitlines()
    assert "#[doors.lock_sensor]" in lines
    assert "#held_warning_s = 20" in lines
    assert "[clock]" in lines, "so that a key below it can be uncommented by itself"
    assert "# Serial port. Use the /dev/serial/by-id/ name, which survives unplugging." in lines


def test_a_second_table_is_short() -> None:
    text = filled(EXAMPLE, {**LEAST, "doors": [*LEAST["doors"], GARDEN]})
    begin = text.index('[[doors]]\nid = "garden"')
    assert "#" not in text[begin : text.index("# Inputs of the building")]
