from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from controller.core.event import EventType, NewEvent
from controller.store.footage import Clip, Footage


def shown(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def refused(console: Any) -> Any:
    """Refused, in between what else happened at the door."""
    at = console.stamp
    said = {"reason": "expired", "reader": "in", "age_s": 7_300, "day": "2026-09-03"}
    events = console.write(
        "door",
        [
            NewEvent(EventType.EXIT_REQUESTED, "front", at(60)),
            NewEvent(EventType.ACCESS_REFUSED, "front", at(50), said, {"card": b"25891000331441"}),
            NewEvent(EventType.HELP_REQUESTED, "back", at(45), {"device": "door"}),
            NewEvent(EventType.DOOR_FORCED, "front", at(40)),
        ],
    )
    return events[1]


def test_an_event_tells_why_what_was_around_it_and_what_proves_it(console: Any, refused: Any) -> None:
    page = shown(console.client("desk").get(f"/events/{refused.id}/"))
    assert "Refused at reader in: membership expired" in page
    assert "The membership expired with 3 September 2026." in page
    assert "What was known of the membership was 2 h old." in page
    assert page.index("Forced open") < page.rindex("membership expired") < page.index("Somebody asked")
    assert "help button" not in page  # at another door
    assert "It is what was journalled" in page
    assert "2 in the journal of the door" in page
    assert "25891000331441" not in page
    assert len(re.findall(r"\b[0-9a-f]{64}\b", page)) == 2


def test_its_clips_are_listed_and_offered_to_whoever_may_look(console: Any, refused: Any) -> None:
    at_us, path = refused.stamp.wall_us, console.branch.paths.footage
    clip = Clip(str(uuid4()), "entrance", "door", refused.seq, refused.id, at_us - 5_000_000, at_us)
    footage = Footage.open(path)
    footage.add_clip(clip)
    footage.close()
    link = f'href="/footage/?event={refused.id}'
    seen = console.client("cctv").get(f"/events/{refused.id}/").content.decode()
    assert link in seen
    for role in ("desk", "dpo"):
        page = console.client(role).get(f"/events/{refused.id}/").content.decode()
        assert "Camera entrance" in page
        assert link not in page


def test_naming_is_offered_to_whoever_may_and_only_where_a_card_is_known(console: Any, refused: Any) -> None:
    link = f"/naming/event/{refused.id}/"
    assert link in console.client("supervisor").get(f"/events/{refused.id}/").content.decode()
    assert link not in console.client("desk").get(f"/events/{refused.id}/").content.decode()


def test_a_changed_event_is_said_to_be_changed(console: Any, refused: Any) -> None:
    import sqlite3

    path = console.branch.paths.journal("door")
    changing = sqlite3.connect(path)
    changing.execute("DROP TRIGGER event_is_never_changed")
    changing.execute("UPDATE event SET data = replace(data, 'expired', 'blocked') WHERE seq = 2")
    changing.commit()
    changing.close()
    page = shown(console.client("dpo").get(f"/events/{refused.id}/"))
    assert "It is not what was journalled." in page


@pytest.mark.parametrize("role", ["auditor", "engineer"])
def test_other_roles_are_refused_and_that_is_recorded_once(console: Any, refused: Any, role: str) -> None:
    client = console.client(role)
    assert client.get(f"/events/{refused.id}/").status_code == 403
    assert client.get("/timeline/").status_code == 403
    said = [event.data["page"] for event in console.events(EventType.CONSOLE_REFUSED)]
    assert said == ["events:event", "timeline:day"]


def test_an_id_that_is_nowhere_is_told_and_one_that_is_none_is_no_page(console: Any) -> None:
    client = console.client("desk")
    assert "There is no such event" in shown(client.get(f"/events/{uuid4()}/"), 404)
    assert client.get("/events/../../etc/passwd/").status_code == 404
    assert client.get("/events/1/").status_code == 404


def test_looking_at_events_is_no_event(console: Any, refused: Any) -> None:
    client = console.client("desk")
    before = len(console.events())
    client.get(f"/events/{refused.id}/")
    client.get("/timeline/")
    assert len(console.events()) == before
