"""Two people, where the policy wants them: asked, approved, done; each an event, by different accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from controller.console.naming import memory
from controller.core.event import Event, EventType
from controller.core.naming import APPROVED_FOR_US, Reason, Wanted
from controller.staff.account import Account
from controller.staff.naming import people
from controller.staff.naming.approving import approve
from controller.staff.naming.case import Case, NotNamed

CARD, OTHER = "20000000000018", "20000000000026"
WHY = {"reason": "security_incident", "need": "INC-2026-014"}
SEARCH = {
    **WHY,
    "card": CARD,
    "from-day": "2026-09-21",
    "from-time": "15:00",
    "to-day": "2026-09-21",
    "to-time": "16:00",
}


@pytest.fixture(autouse=True)
def two_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "needed", lambda _settings: people.Needed(2))


def test_asked_approved_and_named_once(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
) -> None:
    (event,) = door(CARD)
    first, second = console.client("supervisor"), console.client("supervisor", name="second")
    bring(first)
    waiting = first.post(f"/naming/event/{event.id}/", WHY)
    address = waiting.headers["Location"]
    assert address.startswith("/naming/approvals/")
    assert "Another supervisor must approve it" in first.get(address).content.decode()
    # Not by whoever asked, and not done before it is approved; nor by following a link.
    assert [first.get(f"{address}{act}/").status_code for act in ("approve", "do")] == [302, 302]
    assert first.post(f"{address}approve/").status_code == 409
    assert first.post(f"{address}do/").status_code == 409
    assert "Waits for you" in second.get("/naming/approvals/").content.decode()
    assert "1 waits for you" in second.get("/naming/").content.decode()
    assert "INC-2026-014" in second.get(address).content.decode()
    second.post(f"{address}approve/")
    assert "Approved by second" in first.get("/naming/approvals/").content.decode()
    # Not by whoever approved, key or not.
    bring(second)
    assert second.post(f"{address}do/").status_code == 409
    named = first.post(f"{address}do/")
    assert CARD in named.content.decode()
    assert first.post(f"{address}do/").status_code == 404
    assert "Nothing waits" in first.get("/naming/approvals/").content.decode()
    assert [type for type, _ in identities() if not type.startswith("key_")] == [
        "asked",
        "refused",
        "refused",
        "approved",
        "refused",
        "opened",
    ]
    assert CARD not in str([event.data for event in console.events()])


def test_a_search_that_was_approved_is_of_the_card_that_was_asked_for(
    console: Any, bring: Callable[..., Any], door: Callable[..., list[Event]]
) -> None:
    door(CARD, OTHER)
    first, second = console.client("supervisor"), console.client("supervisor", name="second")
    address = first.post("/naming/search/", SEARCH).headers["Location"]
    assert CARD not in second.get(address).content.decode()
    second.post(f"{address}approve/")
    assert "Bring the authority" in first.get(address).content.decode()
    assert first.post(f"{address}do/").status_code == 409
    bring(first)
    found = first.post(f"{address}do/").headers["Location"]
    memory._kept[0].searches._thread.join(10)  # type: ignore[union-attr]
    assert "2 of 2 sealed cards were opened, and 1 of them is this one" in first.get(found).content.decode()


def test_what_is_too_old_waits_no_more(console: Any, door: Callable[..., list[Event]]) -> None:
    (event,) = door(CARD)
    first, second = console.client("supervisor"), console.client("supervisor", name="second")
    address = first.post(f"/naming/event/{event.id}/", WHY).headers["Location"]
    console.clock.sleep(APPROVED_FOR_US / 1_000_000 + 1)
    assert second.get(address).status_code == 404
    assert second.post(f"{address}approve/").status_code == 409
    assert console.events()[-1].data["cause"] == "too_late"


def test_the_command_line_and_the_console_are_one_queue(
    console: Any, door: Callable[..., list[Event]]
) -> None:
    (event,) = door(CARD)
    branch = console.branch
    wanted = Wanted(Reason.CRIME, "CR/77", event.id)
    ask = Case(branch.settings, branch.staff, Account(1000, "supervisor"), wanted).ask()
    # The same name is the same person, wherever they logged in.
    assert console.client("supervisor").post(f"/naming/approvals/{ask.id}/approve/").status_code == 409
    second = console.client("supervisor", name="second")
    assert second.post(f"/naming/approvals/{ask.id}/approve/").status_code == 302
    assert console.events()[-1].type is EventType.IDENTITY_APPROVED
    with pytest.raises(NotNamed):
        approve(branch.settings, branch.staff, Account(1001, "supervisor"), ask.id)
