from __future__ import annotations

import json
from functools import reduce

import pytest

from controller.core.event import Event
from controller.core.event import EventType as E
from controller.core.outcome import IDLE, TEXTS, Outcome
from controller.uplink.door_text import DoorText, passing_payload, standing_payload

BOTH = DoorText("front", frozenset({"in"}), frozenset({"out"}))


@pytest.mark.parametrize(
    ("happened", "standing"),
    [
        ([], IDLE),
        ([E.FIRE_STARTED], Outcome.EVACUATION),
        ([E.FIRE_STARTED, E.EVACUATION_STARTED, E.FIRE_ENDED], Outcome.EVACUATION),
        ([E.EVACUATION_STARTED, E.EVACUATION_ENDED], IDLE),
        ([E.FIRE_STARTED, E.READER_LOST], Outcome.EVACUATION),
        ([E.READER_LOST], Outcome.NO_READER),
        ([E.READER_BABBLING], Outcome.NO_READER),
        ([E.READER_LOST, E.READER_FOUND], IDLE),
        ([E.READER_BABBLING, E.READER_CALM], IDLE),
        ([E.ACCESS_GRANTED, E.DOOR_OPENED], IDLE),
        ([E.READER_LOST, E.FIRE_STARTED, E.SERVICE_STARTED], IDLE),
    ],
)
def test_what_stands(event, happened: list[E], standing: str) -> None:
    events = [event(seq, kind, reader="in") for seq, kind in enumerate(happened, 1)]
    assert reduce(DoorText.after, events, BOTH).standing == standing


def test_people_can_come_in_while_one_way_in_works(event) -> None:
    two = DoorText("front", frozenset({"in", "ramp"}), frozenset({"out"}))
    for reader, standing in (("out", IDLE), ("in", IDLE), ("ramp", Outcome.NO_READER)):
        two = two.after(event(1, E.READER_LOST, reader=reader))
        assert two.standing == standing


def test_an_evacuation_goes_on_after_a_restart(event) -> None:
    doors = {"front": {"lockdown": False, "evacuation": True}}
    after = BOTH.after(event(1, E.SERVICE_STARTED, "controller", doors=doors))
    assert after.standing == Outcome.EVACUATION


def test_another_door_changes_nothing(event) -> None:
    assert BOTH.after(event(1, E.FIRE_STARTED, "back")) is BOTH
    assert BOTH.passing(event(1, E.ACCESS_GRANTED, "back", reader="in")) is None


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        (E.ACCESS_GRANTED, {"reader": "in"}, (Outcome.GRANTED, "")),
        (E.ACCESS_GRANTED, {"reader": "out"}, (Outcome.GOODBYE, "")),
        (E.ACCESS_NOT_NEEDED, {"reader": "in"}, (Outcome.NOT_NEEDED, "")),
        (E.ACCESS_REFUSED, {"reason": "not_read"}, (Outcome.NOT_READ, "not_read")),
        (E.ACCESS_REFUSED, {"reason": "suspended"}, (Outcome.REFUSED, "suspended")),
        (E.ACCESS_OUTCOME, {"done": "refused", "reason": "lockdown"}, (Outcome.CLOSED, "lockdown")),
        (E.ACCESS_OUTCOME, {"done": "admitted", "reason": "journal_unavailable"}, None),
        (E.DOOR_HELD, {}, (Outcome.DOOR_ALARM, "")),
        (E.DOOR_HELD_WARNING, {}, (Outcome.CLOSE_THE_DOOR, "")),
        (E.DOOR_OPENED, {}, None),
    ],
)
def test_what_passes(event, kind: E, data: dict[str, str], told: tuple[Outcome, str] | None) -> None:
    assert BOTH.passing(event(1, kind, **data)) == told


def test_help_is_told_where_it_was_asked_for_and_of_the_building_everywhere(event) -> None:
    told = (Outcome.HELP_ASKED, "")
    assert BOTH.passing(event(1, E.HELP_REQUESTED, device="door")) == told
    assert BOTH.passing(event(1, E.HELP_REQUESTED, "back", device="door")) is None
    assert BOTH.passing(event(1, E.HELP_REQUESTED, "controller", device="building")) == told


def said(event: Event, own: dict[str, tuple[str, ...]]) -> dict[str, object]:
    told = BOTH.passing(event)
    assert told is not None
    found = json.loads(passing_payload(*told, event, own))
    assert isinstance(found, dict)
    return found


def test_a_display_learns_the_outcome_and_not_the_reason(event) -> None:
    assert said(event(7, E.ACCESS_REFUSED, reason="suspended", reader="in"), {}) == {
        "outcome": "refused",
        "lines": list(TEXTS["refused"]),
        "seconds": 4,
        "time": "2026-11-21T18:04:05.000130Z",
        "reader": "in",
    }


def test_the_words_of_settings_are_sent_as_they_are(event) -> None:
    own = {"refused": ("Nid yw'n ddilys", "Gofynnwch i ni"), "idle": ("Tŷ'r llyfrau",)}
    assert said(event(7, E.ACCESS_REFUSED, reason="expired"), own)["lines"] == list(own["refused"])
    assert json.loads(standing_payload(IDLE, own)) == {"outcome": "idle", "lines": ["Tŷ'r llyfrau"]}
