from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.core.event import EventType
from controller.uplink.cloudevent import Source, encode, rfc3339

SOURCE = Source("worcestershire", "droitwich", "door")


def test_an_event_becomes_a_cloudevent(event) -> None:
    happened = event(42, EventType.ACCESS_REFUSED, reason="expired")
    assert json.loads(encode(happened, SOURCE, "j-1")) == {
        "specversion": "1.0",
        "id": happened.id,
        "source": "/worcestershire/droitwich/door",
        "type": "unlocked.access.refused",
        "subject": "front",
        "time": "2026-11-21T18:04:05.000165Z",
        "datacontenttype": "application/json",
        "journal": "j-1",
        "sequence": "42",
        "clocktrusted": True,
        "data": {"reason": "expired"},
    }


def test_the_documented_example_has_these_attributes_in_this_order(event) -> None:
    page = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text()
    example = json.loads(page[page.index("    {") : page.index("    }\n") + 6])
    assert list(example) == list(json.loads(encode(event(), SOURCE, "j")))


def test_an_untrusted_clock_is_said(event) -> None:
    assert json.loads(encode(event(trusted=False), SOURCE, "j"))["clocktrusted"] is False


def test_attribute_names_and_values_are_those_the_specification_allows(event) -> None:
    attributes = json.loads(encode(event(), SOURCE, "j"))
    del attributes["data"]
    for name, value in attributes.items():
        assert re.fullmatch(r"[a-z0-9]{1,20}", name)
        assert isinstance(value, (str, bool))


def test_encoding_is_the_same_each_time(event) -> None:
    assert encode(event(7), SOURCE, "j") == encode(event(7), SOURCE, "j")


@pytest.mark.parametrize(
    "wall_us", [1, 1_795_284_245_000_000, 1_795_284_245_999_999, 253_402_300_799_999_999]
)
def test_time_is_rfc_3339_and_loses_no_microsecond(wall_us: int) -> None:
    since = datetime.fromisoformat(rfc3339(wall_us)) - datetime(1970, 1, 1, tzinfo=UTC)
    assert since // timedelta(microseconds=1) == wall_us
