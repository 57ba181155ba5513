"""A search by card number: one at a time, recorded once, its results forgotten with the key."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from controller.console.naming import memory
from controller.console.naming.searches import State
from controller.core.event import Event
from controller.core.restriction import Ground, Restriction
from controller.staff.naming import search as searching
from controller.store.registers import Registers

CARD, OTHER = "20000000000018", "20000000000026"
SEARCH = {
    "card": CARD,
    "from-day": "2026-09-21",
    "from-time": "15:00",
    "to-day": "2026-09-21",
    "to-time": "16:00",
    "reason": "crime",
    "need": "CR/77",
}


def done(address: str) -> Any:
    """The search of this address, once it is no longer going on."""
    search = memory._kept[0].searches._searches[address.rstrip("/").rpartition("/")[2]]
    deadline = time.monotonic() + 10
    while search.state is State.RUNNING:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    return search


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Holds a search at its first box until it is set."""
    go_on, trying = threading.Event(), searching._try

    def held(*given: Any) -> None:
        assert go_on.wait(10)
        trying(*given)

    monkeypatch.setattr(searching, "_try", held)
    return go_on


def test_where_a_card_was_used(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
) -> None:
    door(CARD, OTHER, CARD)
    client = console.client("supervisor")
    bring(client)
    before = len(console.events())
    begun = client.post("/naming/search/", SEARCH)
    assert begun.status_code == 302
    assert CARD not in begun.headers["Location"]
    done(begun.headers["Location"])
    shown = client.get(begun.headers["Location"]).content.decode()
    assert "3 of 3 sealed cards were opened, and 2 of them are this one" in shown
    assert "15:10:20 BST" in shown
    assert "15:12:20 BST" in shown
    assert "15:11:20 BST" not in shown
    assert CARD not in shown
    assert len(console.events()) == before + 1
    type, data = identities()[-1]
    assert (type, data["boxes"], data["found"], data["need"]) == ("opened", 3, 2, "CR/77")
    assert CARD not in str(data)
    assert CARD not in client.get("/naming/").content.decode()
    assert "need CR/77: done" in client.get("/naming/").content.decode()


def test_no_card_number_is_on_the_disk_or_in_a_log_after_all_that(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    event, _ = door(CARD, OTHER)
    client = console.client("supervisor")
    bring(client)
    client.post("/naming/search/", {**SEARCH, "need": ""})
    assert CARD in client.post(f"/naming/event/{event.id}/", SEARCH).content.decode()
    address = client.post("/naming/search/", SEARCH).headers["Location"]
    search = done(address)
    database = Path(django_settings.DATABASES["default"]["NAME"])
    for file in [*tmp_path.rglob("*"), *database.parent.glob("*")]:
        assert not (file.is_file() and CARD.encode() in file.read_bytes()), file
    assert CARD not in caplog.text
    assert CARD not in repr(search)


def test_how_far_it_is_is_shown_with_and_without_a_script_and_it_can_be_stopped(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
    slow: threading.Event,
) -> None:
    door(CARD, CARD)
    client = console.client("supervisor")
    bring(client)
    address = client.post("/naming/search/", SEARCH).headers["Location"]
    assert client.get(f"{address}state/").json() == {"state": "running", "tried": 0, "total": 0}
    shown = client.get(address).content.decode()
    assert "See how far it is now" in shown
    assert "A search is going on" in client.get("/account/").content.decode()
    # While it goes on, the key is in use.
    console.clock.sleep(1000)
    assert "is in memory" in client.get("/account/").content.decode()
    busy = client.post("/naming/search/", SEARCH)
    assert (busy.status_code, "one search goes on at a time" in busy.content.decode()) == (409, True)
    client.post(f"{address}cancel/")
    slow.set()
    assert done(address).card == b""
    assert "It was stopped after 1 sealed cards. Nothing is shown" in client.get(address).content.decode()
    assert [(type, data.get("cancelled")) for type, data in identities()] == [
        ("key_brought", None),
        ("opened", True),
    ]


def test_ending_the_key_session_stops_its_search_and_forgets_what_was_found(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
    slow: threading.Event,
) -> None:
    door(CARD, CARD)
    client = console.client("supervisor")
    bring(client)
    address = client.post("/naming/search/", SEARCH).headers["Location"]
    search = memory._kept[0].searches._searches[address.rstrip("/").rpartition("/")[2]]
    client.post("/naming/key/end/")
    slow.set()
    memory._kept[0].searches._thread.join(10)  # type: ignore[union-attr]
    assert search.state is State.CANCELLED
    assert client.get(address).status_code == 404
    assert client.get(f"{address}state/").json() == {"state": "gone"}
    assert [type for type, _ in identities()] == ["key_brought", "key_forgotten", "opened"]


def test_what_was_restricted_since_is_not_shown_any_more(
    console: Any, bring: Callable[..., Any], door: Callable[..., list[Event]]
) -> None:
    (event, _) = door(CARD, CARD)
    client = console.client("supervisor")
    bring(client)
    found = {}
    for reason in ("crime", "subject_request"):
        found[reason] = client.post("/naming/search/", SEARCH | {"reason": reason}).headers["Location"]
        done(found[reason])
    with closing(Registers.open(console.branch.paths.registers)) as registers:
        events = frozenset({event.id})
        registers.add_restriction(Restriction(str(uuid.uuid4()), "SAR-1", Ground.ACCURACY, events, 1, "dpo"))
    for reason, shown in (("crime", False), ("subject_request", True)):
        told = client.get(found[reason]).content.decode()
        assert (event.id in told, "1 more is restricted" in told) == (shown, not shown)


def test_a_search_is_of_its_key_session(
    console: Any, bring: Callable[..., Any], door: Callable[..., list[Event]]
) -> None:
    door(CARD)
    first, other = console.client("supervisor"), console.client("supervisor", name="another")
    bring(first)
    bring(other)
    address = first.post("/naming/search/", SEARCH).headers["Location"]
    done(address)
    for answer in (other.get(address), other.get(f"{address}state/"), other.post(f"{address}cancel/")):
        assert answer.status_code == 404


def test_what_is_wrong_is_said_at_its_field_and_a_missing_need_is_recorded(
    console: Any, bring: Callable[..., Any], identities: Callable[[], list[Any]]
) -> None:
    client = console.client("supervisor")
    bring(client)
    for field, sent, at in (
        ("card", "not a card", "card"),
        ("card", "", "card"),
        ("from-day", "21/09/2026", "from-day"),
        ("from-time", "25:00", "from-time"),
        ("to-day", "", "to-day"),
        ("to-time", "15:00", "to-day"),
        ("reason", "curiosity", "reason"),
    ):
        answer = client.post("/naming/search/", {**SEARCH, field: sent})
        assert answer.status_code == 422
        assert f'href="#{at}"' in answer.content.decode()
        assert CARD not in answer.content.decode()
    assert [type for type, _ in identities()] == ["key_brought"]
    assert 'href="#need"' in client.post("/naming/search/", {**SEARCH, "need": ""}).content.decode()
    assert [data.get("cause") for _, data in identities()] == [None, "no_need"]


def test_a_search_without_a_key_says_so(console: Any) -> None:
    answer = console.client("supervisor").post("/naming/search/", SEARCH)
    assert answer.status_code == 422
    assert "Bring the authority" in answer.content.decode()
    assert "from-day%3D2026-09-21" in answer.content.decode()
    assert CARD not in answer.content.decode()


def test_an_hour_that_is_repeated_is_searched_whole() -> None:
    from zoneinfo import ZoneInfo

    from controller.console.naming.forms import time as parse

    london = ZoneInfo("Europe/London")
    sent = {"from-day": "2026-10-25", "from-time": "01:00", "to-day": "2026-10-25", "to-time": "01:30"}
    found = parse(sent, london)
    assert (found.end_us - found.start_us) // 60_000_000 == 90


def test_many_are_shown_in_pages(
    console: Any, bring: Callable[..., Any], door: Callable[..., list[Event]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.console.naming.search_views.PAGE", 2)
    door(CARD, CARD, CARD)
    client = console.client("supervisor")
    bring(client)
    address = client.post("/naming/search/", SEARCH).headers["Location"]
    done(address)
    assert client.get(address).content.decode().count("15:1") - 1 >= 2
    last = client.get(f"{address}?page=2").content.decode()
    assert "page 2 of 2" in last
    assert "15:12:20" in last
    assert "There is no such page" in client.get(f"{address}?page=9").content.decode()
