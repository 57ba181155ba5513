from __future__ import annotations

import html
import re
from typing import Any

import pytest

from controller.core.event import EventType, NewEvent


def shown(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_what_happened_in_all_journals_newest_first(console: Any) -> None:
    at = console.stamp
    console.write(
        "door",
        [
            NewEvent(EventType.ACCESS_REFUSED, "front", at(60), {"reason": "expired", "reader": "in"}),
            NewEvent(EventType.DOOR_FORCED, "front", at(20)),
        ],
    )
    console.write("recorder", [NewEvent(EventType.MOTION_STARTED, "entrance", at(40))])
    page = shown(console.client("desk").get("/timeline/"))
    told = [page.index(text) for text in ("Forced open", "Something began to move", "membership expired")]
    assert told == sorted(told)
    assert "Monday 21 September 2026" in page
    assert "15:12:20 BST" in page


def test_an_empty_branch_says_so(console: Any) -> None:
    assert "Nothing is recorded here." in shown(console.client("dpo").get("/timeline/"))


def test_pages_lead_to_each_other_without_loss(console: Any) -> None:
    types = (EventType.EXIT_REQUESTED, EventType.DOOR_HELD)
    console.write("door", [NewEvent(types[n % 2], "front", console.stamp(200 - n)) for n in range(120)])
    client, href, ids = console.client("desk"), "/timeline/", []
    pages = 0
    while href:
        body = client.get(href).content.decode()
        ids += re.findall(r'href="/events/([0-9a-f-]+)/"', body)
        older = re.search(r'rel="next" href="([^"]+)"', body)
        href = "/timeline/" + older[1].replace("&amp;", "&") if older else ""
        pages += 1
    assert pages == 3
    assert len(ids) == len(set(ids)) == 120
    newer = re.search(r'rel="prev" href="([^"]+)"', body)
    assert newer
    back = client.get("/timeline/" + newer[1].replace("&amp;", "&")).content.decode()
    assert re.findall(r'href="/events/([0-9a-f-]+)/"', back) == ids[50:100]


def test_kinds_places_and_the_last_day_narrow_it_down(console: Any) -> None:
    at = console.stamp
    refused, granted = EventType.ACCESS_REFUSED, EventType.ACCESS_GRANTED
    console.write(
        "door",
        [
            NewEvent(refused, "front", at(90_000), {"reason": "suspended", "reader": "in"}),
            NewEvent(refused, "front", at(50), {"reason": "expired", "reader": "in"}),
            NewEvent(granted, "front", at(40), {"mode": "unstaffed", "reader": "in"}),
        ],
    )
    client = console.client("supervisor")
    lately = shown(client.get("/timeline/?kind=refused&last=24h"))
    assert "membership expired" in lately
    assert "suspended" not in lately
    assert "Card accepted" not in lately
    reader = console.branch.settings.doors[0].readers[0].id
    door = console.branch.settings.doors[0].id
    assert "Nothing of this sort" in shown(client.get(f"/timeline/?place=reader:{door}/{reader}&kind=alarm"))


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("day=yesterday", "day", "Enter the day like 2026-11-21"),
        ("time=25:99", "time", "Enter the time like 21:14"),
        ("place=door:nowhere", "place", "Choose a door"),
    ],
)
def test_what_cannot_be_understood_is_told_at_its_field(
    console: Any, query: str, field: str, said: str
) -> None:
    answer = console.client("desk").get(f"/timeline/?{query}")
    assert answer.status_code == 400
    assert f'<a href="#{field}">{said}' in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["older=1-2-3", "older=' OR 1", "newer=9-9-9-9-9", "until=99999999999", "kind=x&last=1"]
)
def test_an_address_that_makes_no_sense_shows_a_page(console: Any, query: str) -> None:
    console.write("door", [NewEvent(EventType.DOOR_FORCED, "front", console.stamp(5))])
    assert "Forced open" in shown(console.client("desk").get("/timeline/", dict([query.split("=", 1)])))


def test_around_a_time_there_is_what_came_before_and_after(console: Any) -> None:
    console.write(
        "door",
        [NewEvent(EventType.DOOR_HELD, "front", console.stamp(7200 - 60 * n)) for n in range(100)],
    )
    page = shown(console.client("desk").get("/timeline/?day=2026-09-21&time=14:00"))
    assert page.index("14:01:20 BST") < page.index("Around 14:00:00 BST") < page.index("13:59:20 BST")
    assert page.count("Held open") == 50


def test_a_journal_that_cannot_be_read_is_named_and_the_rest_is_shown(console: Any) -> None:
    console.write("door", [NewEvent(EventType.DOOR_FORCED, "front", console.stamp(5))])
    broken = console.branch.paths.journal("recorder")
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"no database" * 1000)
    page = shown(console.client("desk").get("/timeline/"))
    assert "What the recorder recorded cannot be read" in page
    assert "Forced open" in page


def test_restricted_events_are_counted_and_not_shown(console: Any, restrict: Any) -> None:
    first, second = console.write(
        "door",
        [
            NewEvent(EventType.ACCESS_REFUSED, "front", console.stamp(9), {"reason": "blocked"}),
            NewEvent(EventType.ACCESS_REFUSED, "front", console.stamp(8), {"reason": "expired"}),
        ],
    )
    restrict(first.id)
    client = console.client("desk")
    page = shown(client.get("/timeline/"))
    assert "1 event is restricted and not shown" in page
    assert "blocked" not in page
    # Nor does a filter tell of what kind it was, or where.
    for query in ("kind=refused", "kind=alarm", "place=door:front"):
        narrowed = shown(client.get(f"/timeline/?{query}"))
        assert ("1 event is" in narrowed, "not counted here" in narrowed) == (False, True)
    assert client.get(f"/events/{first.id}/").status_code == 404
    beside = shown(client.get(f"/events/{second.id}/"))
    assert "1 of these is restricted" in beside
    assert "blocked" not in beside


def test_a_search_for_a_card_begins_with_the_day_that_is_shown(console: Any) -> None:
    supervisor = console.client("supervisor")
    assert "/naming/search/?" not in supervisor.get("/timeline/").content.decode()
    page = supervisor.get("/timeline/?day=2026-09-20&time=21:14").content.decode()
    found = re.search(r'href="([^"]+)">Search by card', page)
    assert found is not None
    form = supervisor.get(html.unescape(found[1])).content.decode()
    assert re.search(r'name="from-day"[^>]* value="2026-09-20"', form)
    assert re.search(r'name="to-day"[^>]* value="2026-09-21"', form)
    assert "Search by card" not in console.client("desk").get("/timeline/").content.decode()
