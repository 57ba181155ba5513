"""Restricting events from the pages, and lifting that."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.event import Event, EventType, NewEvent
from controller.core.restriction import Restriction

TYPES = (
    EventType.RESTRICTION_ADDED,
    EventType.RESTRICTION_SUBJECT_INFORMED,
    EventType.RESTRICTION_LIFTED,
)


def register(console: Any) -> list[Restriction]:
    found: list[Restriction] = console.branch.registers().restrictions()
    return found


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def grant(console: Any) -> Event:
    (event,) = console.write("door", [NewEvent(EventType.ACCESS_GRANTED, "front", console.stamp(60))])
    assert isinstance(event, Event)
    return event


def test_events_are_restricted_told_of_and_lifted(console: Any, grant: Event) -> None:
    dpo = console.client("dpo")
    assert "No events are restricted" in text(dpo.get("/holds/restrictions/"))
    assert grant.id in text(dpo.get(f"/holds/restrictions/new/?event={grant.id}"))
    sent = {"reference": "DP/7", "ground": "objection", "events": f" {grant.id}\n"}
    placed = text(dpo.post("/holds/restrictions/new/", sent, follow=True))
    assert "Restriction DP/7" in placed
    assert "not there any more" not in placed
    (one,) = register(console)
    assert (one.event_ids, one.placed_by) == ({grant.id}, "dpo")
    page = f"/holds/restrictions/{one.id}/"
    early = dpo.post(f"{page}lift/", {"reason": "corrected"})
    assert (early.status_code, "Note that they were told" in text(early)) == (400, True)
    assert dpo.post(f"{page}inform/", {"how": "pigeon"}).status_code == 400
    assert "By letter" in text(dpo.post(f"{page}inform/", {"how": "letter"}, follow=True))
    assert dpo.post(f"{page}inform/", {"how": "letter"}).status_code == 404
    assert dpo.post(f"{page}lift/", {"reason": ""}).status_code == 400
    assert "Lifted" in text(dpo.post(f"{page}lift/", {"reason": "corrected"}, follow=True))
    assert dpo.get(f"{page}lift/").status_code == 404
    assert [event.type for event in console.events(*TYPES)] == list(TYPES)
    assert all(event.data["user"] == "dpo" for event in console.events(*TYPES))
    assert "DP/7" not in str(console.events(*TYPES))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reference": ""}, "reference"),
        ({"ground": "spite"}, "ground"),
        ({"events": ""}, "events"),
        ({"events": "7"}, "events"),
        ({"events": "019dafa1-2400-7e0d-9882-42c96d20b8fa"}, "events"),
    ],
)
def test_what_cannot_be_restricted_is_told_at_its_field(
    console: Any, grant: Event, changed: dict[str, str], field: str
) -> None:
    sent = {"reference": "DP/7", "ground": "objection", "events": grant.id, **changed}
    answer = console.client("supervisor").post("/holds/restrictions/new/", sent)
    assert (answer.status_code, f'<a href="#{field}">' in text(answer)) == (400, True)
    assert register(console) == []


def test_who_may_not_restrict_is_not_shown_them(console: Any, grant: Event) -> None:
    sent = {"reference": "DP/7", "ground": "objection", "events": grant.id}
    console.client("dpo").post("/holds/restrictions/new/", sent)
    for role in ("desk", "cctv", "auditor"):
        client = console.client(role)
        assert "/holds/restrictions/" not in text(client.get("/holds/"))
        for address in ("", "new/", f"{register(console)[0].id}/"):
            assert client.get(f"/holds/restrictions/{address}").status_code == 403
    assert len(console.events(EventType.CONSOLE_REFUSED)) == 9
