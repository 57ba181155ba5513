"""Naming the member of an event: reason, need, key; one event each time, and nothing without one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from controller.core.event import Event, EventType
from controller.core.restriction import Ground, Restriction
from controller.store.journal import JournalUnavailable
from controller.store.registers import Registers

CARD, OTHER = "20000000000018", "20000000000026"
WHY = {"reason": "security_incident", "need": "INC-2026-014"}


def restrict(console: Any, event: Event) -> None:
    registers = Registers.open(console.branch.paths.registers)
    registers.add_restriction(
        Restriction(str(uuid.uuid4()), "SAR-1", Ground.ACCURACY, frozenset({event.id}), 1, "desk")
    )
    registers.close()


def test_a_member_is_named_in_one_event(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
) -> None:
    _, event = door(OTHER, CARD)
    client = console.client("supervisor")
    bring(client)
    form = client.get(f"/naming/event/{event.id}/").content.decode()
    assert "Card accepted at reader in" in form
    assert "15:12:20 BST" in form
    before = len(console.events())
    named = client.post(f"/naming/event/{event.id}/", WHY)
    assert named.status_code == 200
    assert CARD in named.content.decode()
    assert named.headers["Cache-Control"] == "no-store"
    assert len(console.events()) == before + 1
    type, data = identities()[-1]
    assert type == "opened"
    assert (data["event"], data["need"], data["reason"], data["found"], data["user"]) == (
        event.id,
        "INC-2026-014",
        "security_incident",
        1,
        "supervisor",
    )
    assert CARD not in str([event.data for event in console.events()])


@pytest.mark.parametrize("need", ["", "a person's name", "x" * 41])
def test_without_a_need_nobody_is_named_and_that_is_recorded(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
    need: str,
) -> None:
    (event,) = door(CARD)
    client = console.client("supervisor")
    bring(client)
    before = len(console.events())
    answer = client.post(f"/naming/event/{event.id}/", {**WHY, "need": need})
    assert answer.status_code == 422
    assert CARD not in answer.content.decode()
    assert 'href="#need"' in answer.content.decode()
    assert len(console.events()) == before + 1
    type, data = identities()[-1]
    assert (type, data["cause"], data["event"]) == ("refused", "no_need", event.id)
    assert "need" not in data


def test_without_a_reason_or_a_key_nothing_is_named(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
) -> None:
    (event,) = door(CARD)
    client = console.client("supervisor")
    answer = client.post(f"/naming/event/{event.id}/", WHY)
    assert answer.status_code == 422
    then = f"/naming/event/{event.id}/?reason=security_incident&need=INC-2026-014"
    assert f"/naming/key/?then={quote(then)}" in answer.content.decode()
    assert bring(client, then=then).headers["Location"] == then
    assert 'value="INC-2026-014"' in client.get(then).content.decode()
    assert client.post(f"/naming/event/{event.id}/", {"need": "INC-1"}).status_code == 422
    assert [type for type, _ in identities()] == ["key_brought"]


def test_a_restricted_event_is_named_for_the_member_alone(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
) -> None:
    (event,) = door(CARD)
    restrict(console, event)
    client = console.client("supervisor")
    bring(client)
    form = client.get(f"/naming/event/{event.id}/").content.decode()
    assert "restricted" in form
    assert "Card accepted" not in form
    refused = client.post(f"/naming/event/{event.id}/", WHY)
    assert refused.status_code == 409
    assert CARD not in refused.content.decode()
    assert identities()[-1][1]["cause"] == "restricted"
    own = client.post(f"/naming/event/{event.id}/", {"reason": "subject_request", "need": "SAR-1"})
    assert CARD in own.content.decode()


def test_while_nobody_knows_what_is_restricted_nobody_is_named(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
) -> None:
    (event,) = door(CARD)
    console.branch.paths.registers.write_bytes(b"no database at all" * 100)
    client = console.client("supervisor")
    bring(client)
    assert (
        "Nobody knows which events are restricted"
        in client.get(f"/naming/event/{event.id}/").content.decode()
    )
    assert client.post(f"/naming/event/{event.id}/", WHY).status_code == 409
    assert identities()[-1][1]["cause"] == "restrictions_unknown"


def test_what_has_no_card_or_is_not_there(console: Any, door: Callable[..., list[Event]]) -> None:
    (stranger,) = door("")
    client = console.client("supervisor")
    answer = client.get(f"/naming/event/{stranger.id}/")
    assert (answer.status_code, "No card is sealed in it" in answer.content.decode()) == (404, True)
    assert client.get(f"/naming/event/{uuid.uuid4()}/").status_code == 404
    assert client.get("/naming/event/../../etc/passwd/").status_code == 404


def test_what_cannot_be_recorded_is_not_shown(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (event,) = door(CARD)
    client = console.client("supervisor")
    bring(client)

    def full(*_: object, **__: object) -> None:
        raise JournalUnavailable("the disk is full")

    monkeypatch.setattr(console.branch.staff, "record", full)
    answer = client.post(f"/naming/event/{event.id}/", WHY)
    assert answer.status_code == 503
    assert CARD not in answer.content.decode()


@pytest.mark.parametrize("role", ["cctv", "dpo"])
def test_other_roles_are_refused_and_recorded_once(
    console: Any, door: Callable[..., list[Event]], role: str
) -> None:
    (event,) = door(CARD)
    client = console.client(role)
    for method in (client.get, client.post):
        before = len(console.events())
        assert method(f"/naming/event/{event.id}/", WHY).status_code == 403
        assert len(console.events()) == before + 1
        assert console.events()[-1].type is EventType.CONSOLE_REFUSED
