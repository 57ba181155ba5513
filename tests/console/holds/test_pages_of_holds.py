"""Placing, reviewing and ending holds from the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from controller.core.event import EventType, JsonValue, NewEvent
from controller.core.hold import DAY_US, Category, Hold
from controller.core.proposal import Kind, Outcome
from controller.settings import shipped

NOW_US = 1_790_000_000_000_000
HOUR_US = 3_600_000_000
EVENT = "019dafa1-2400-7e0d-9882-42c96d20b8fa"
CASE = {"authority": "Police", "reference": "14/2026"}
HOURS = {
    "from-day": "21",
    "from-month": "9",
    "from-year": "2026",
    "from-time": "13:00",
    "to-day": "21",
    "to-month": "9",
    "to-year": "2026",
    "to-time": "14:00",
}
HOLDS = (
    EventType.HOLD_ADDED,
    EventType.HOLD_REVIEWED,
    EventType.HOLD_END_PROPOSED,
    EventType.HOLD_ENDED,
)


def holds(console: Any) -> list[Hold]:
    found: list[Hold] = console.branch.registers().holds()
    return found


def told(console: Any) -> list[tuple[str, str]]:
    return [(event.type.value, str(event.data["user"])) for event in console.events(*HOLDS)]


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def hold(console: Any) -> Hold:
    """Of the door's events from 13:00 to 14:00."""
    answer = console.client("desk").post("/holds/new/", {**CASE, **HOURS, "categories": "access_events"})
    assert answer.status_code == 302
    return holds(console)[0]


@pytest.fixture
def two_people(console: Any, tmp_path: Path) -> None:
    """The policy profile asks for a second person."""
    profile = tmp_path / "two.toml"
    written = shipped.profiles()["worcestershire"].read_text()
    profile.write_text(written.replace("people_to_end = 1", "people_to_end = 2"))
    settings = console.branch.settings
    policy = settings.policy.model_copy(update={"profile": profile})
    console.branch.settings = settings.model_copy(update={"policy": policy})


def test_an_empty_register_says_so(console: Any) -> None:
    assert "No hold protects anything now" in text(console.client("auditor").get("/holds/"))
    assert "No hold is over" in text(console.client("auditor").get("/holds/over/"))
    assert "No end of a hold waits" in text(console.client("auditor").get("/holds/approvals/"))


def test_a_hold_is_placed_and_leaves_one_event_for_each_kind(console: Any) -> None:
    desk = console.client("desk")
    sent = {**CASE, **HOURS, "categories": ["footage", "access_events"], "review-days": "30"}
    placed = desk.post("/holds/new/", sent, follow=True)
    assert "Holds placed" in text(placed)
    assert "Nothing that it covers was destroyed before it was placed" in text(placed)
    footage, events = sorted(holds(console), key=lambda one: one.scope.category, reverse=True)
    assert (footage.scope.category, events.scope.category) == (Category.FOOTAGE, Category.ACCESS_EVENTS)
    assert (events.authority, events.reference, events.placed_by) == ("Police", "14/2026", "desk")
    assert events.scope.end_us - events.scope.start_us == HOUR_US
    assert events.review_us - events.placed_us == 30 * DAY_US
    assert told(console) == [("hold.added", "desk")] * 2
    assert "14/2026" not in str(console.events(EventType.HOLD_ADDED))
    listed = text(desk.get("/holds/"))
    assert listed.count("Police, 14/2026") == 2
    assert "In force" in listed


@pytest.mark.parametrize("role", ["supervisor", "cctv"])
def test_placing_a_hold_does_not_wait_for_training(console: Any, role: str) -> None:
    lapsed = console.client(role, trained_until=None)
    assert "Place a hold" in text(lapsed.get("/holds/"))
    placed = lapsed.post("/holds/new/", {**CASE, **HOURS, "categories": "footage"}, follow=True)
    assert "Hold placed" in text(placed)
    page = lapsed.get(f"/holds/hold/{holds(console)[0].id}/")
    assert (page.status_code, "End it" in text(page)) == (200, False)
    assert console.events(EventType.CONSOLE_REFUSED) == []


def test_a_form_that_is_sent_twice_places_one_hold(console: Any) -> None:
    desk = console.client("desk")
    _, _, rest = desk.get("/holds/new/").content.decode().partition('name="copy" value="')
    sent = {**CASE, **HOURS, "categories": "footage", "copy": rest.partition('"')[0]}
    assert desk.post("/holds/new/", {**sent, "from-day": "x"}).status_code == 400
    first, second = (desk.post("/holds/new/", sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(holds(console)) == len(told(console)) == 1
    console.client("dpo").post("/holds/new/", sent)
    assert len(holds(console)) == 2, "somebody else's is another"


def test_a_form_from_scratch_is_of_today_up_to_now(console: Any) -> None:
    form = text(console.client("desk").get("/holds/new/"))
    assert 'name="from-day" type="text" inputmode="numeric" value="21"' in form
    assert 'name="from-time" type="text" value=""' in form
    assert 'name="to-time" type="text" value="15:14"' in form
    assert 'name="to-time" type="text" value=""' in text(
        console.client("desk").get(f"/holds/new/?event={EVENT}")
    )


def test_a_link_from_an_event_fills_the_form_in(console: Any) -> None:
    desk = console.client("desk")
    link = urlencode({"event": EVENT, "device": "entrance", "from_us": NOW_US - HOUR_US, "to_us": NOW_US + 1})
    form = text(desk.get(f"/holds/new/?{link}"))
    assert EVENT in form
    assert 'value="14:13:20"' in form
    assert 'value="15:13:21"' in form, "up to a whole second, so that nothing is left out"
    assert '<option value="entrance" selected>' in form
    assert (
        desk.post("/holds/new/", {**CASE, "categories": "access_events", "events": EVENT}).status_code == 302
    )
    (hold,) = holds(console)
    assert hold.scope.event_ids == {EVENT}
    assert hold.scope.start_us == hold.scope.end_us
    assert EVENT in text(desk.get(f"/holds/hold/{hold.id}/"))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"authority": ""}, "authority"),
        ({"reference": "x" * 81}, "reference"),
        ({"categories": []}, "categories"),
        ({"categories": ["everything"]}, "categories"),
        ({"from-day": "32"}, "from-day"),
        ({"to-time": "nine"}, "to-time"),
        ({"to-day": "20"}, "to-day"),
        ({"device": "entrence"}, "device"),
        ({"events": "7"}, "events"),
        ({"events": " ".join(map(str, range(1001)))}, "events"),
        ({"review-days": "91"}, "review-days"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(console: Any, changed: dict[str, Any], field: str) -> None:
    answer = console.client("desk").post("/holds/new/", {**CASE, **HOURS, "categories": "footage", **changed})
    page = text(answer)
    assert answer.status_code == 400
    assert "<title>Error: Place a hold" in page
    assert f'<a href="#{field}">' in page
    assert f'id="{field}"' in page
    assert holds(console) == []


def test_a_hold_says_what_it_covers_and_what_it_came_too_late_for(console: Any) -> None:
    for hours in (4.0, 2.5, 2.0, 0.5):  # of 11:13, 12:43, 13:13 and 14:43
        console.write("door", [NewEvent(EventType.DOOR_OPENED, "front", console.stamp(hours * 3600))])
    at_us = NOW_US - 2 * HOUR_US  # 13:13
    started = NewEvent(
        EventType.DISPOSAL_STARTED, "branch", console.stamp(), {"category": "access_events", "count": 3}
    )
    (begun,) = console.write("door", [started])
    said: dict[str, JsonValue] = {
        "started": begun.id,
        "category": "access_events",
        "count": 3,
        "event_seqs": [[1, 3]],
        "times_us": [[at_us - HOUR_US, at_us]],
        "held_by": {},
        "due_from_us": at_us,
        "due_to_us": at_us,
    }
    (certificate,) = console.write(
        "door", [NewEvent(EventType.DISPOSAL_CERTIFICATE, "branch", console.stamp(), said)]
    )
    console.clock.sleep(1)
    desk = console.client("desk")
    sent = {**CASE, **HOURS, "categories": "access_events", "from-time": "13:00"}
    placed = text(desk.post("/holds/new/", sent, follow=True))
    assert "At most" in placed
    assert f"/holds/disposals/certificates/door/{certificate.id}/" in placed
    page = text(desk.get(f"/holds/hold/{holds(console)[0].id}/"))
    assert "It covers 1 door event" in page
    assert certificate.id in page
    shown = text(desk.get(f"/holds/disposals/certificates/door/{certificate.id}/"))
    assert "Destroyed: 3 door events" in shown
    assert "1 to 3" in shown


def test_a_disposal_that_began_after_the_hold_has_spared_what_it_covers(console: Any, hold: Hold) -> None:
    console.clock.sleep(60)
    data: dict[str, JsonValue] = {"category": "access_events", "count": 3}
    (begun,) = console.write("door", [NewEvent(EventType.DISPOSAL_STARTED, "branch", console.stamp(), data)])
    spans: dict[str, JsonValue] = {
        "started": begun.id,
        "event_seqs": [[1, 3]],
        "times_us": [[hold.scope.start_us - HOUR_US, hold.scope.end_us + HOUR_US]],
    }
    console.write("door", [NewEvent(EventType.DISPOSAL_CERTIFICATE, "branch", console.stamp(), data | spans)])
    page = text(console.client("desk").get(f"/holds/hold/{hold.id}/"))
    assert "Nothing that it covers was destroyed before it was placed" in page


def test_a_disposal_that_is_under_way_is_told_of(console: Any) -> None:
    data: dict[str, JsonValue] = {"category": "access_events", "count": 40}
    console.write("door", [NewEvent(EventType.DISPOSAL_STARTED, "branch", console.stamp(), data)])
    console.clock.sleep(1)
    sent = {**CASE, **HOURS, "categories": "access_events"}
    assert "Look again" in text(console.client("desk").post("/holds/new/", sent, follow=True))


def test_what_a_hold_blocks_is_counted(console: Any, hold: Hold) -> None:
    data: dict[str, JsonValue] = {"category": "access_events", "count": 12, "held_by": {hold.id: 12}}
    console.write("door", [NewEvent(EventType.RETENTION_HELD, "branch", console.stamp(), data)])
    desk = console.client("desk")
    assert "12 of that are due to be destroyed and stay" in text(desk.get(f"/holds/hold/{hold.id}/"))
    disposals = text(desk.get("/holds/disposals/"))
    assert "12 door events" in disposals
    assert f'href="/holds/hold/{hold.id}/">Police, 14/2026</a>: 12' in disposals


def test_a_supervisor_ends_a_hold_with_a_reason(console: Any, hold: Hold) -> None:
    supervisor, address = console.client("supervisor"), f"/holds/hold/{hold.id}/end/"
    missing = supervisor.post(address, {"reason": " "})
    assert (missing.status_code, 'href="#reason"' in text(missing)) == (400, True)
    ended = supervisor.post(address, {"reason": "case closed"}, follow=True)
    assert "Ended, still protects" in text(ended)
    (now,) = holds(console)
    assert (now.ended_by, now.end_reason) == ("supervisor", "case closed")
    assert told(console) == [("hold.added", "desk"), ("hold.ended", "supervisor")]
    assert supervisor.post(address, {"reason": "again"}).status_code == 404
    assert "No hold is over" in text(supervisor.get("/holds/over/"))
    console.clock.sleep(8 * 86_400)
    supervisor = console.client("supervisor")
    assert "case closed" in text(supervisor.get("/holds/over/"))
    assert "1 hold is over" in text(supervisor.get("/holds/"))


@pytest.mark.usefixtures("two_people")
def test_where_the_profile_asks_for_two_it_waits_in_a_queue(console: Any, hold: Hold) -> None:
    first = console.client("supervisor")
    first.post(f"/holds/hold/{hold.id}/end/", {"reason": "case closed"})
    (proposal,) = console.branch.registers().proposals()
    assert (proposal.kind, proposal.about, proposal.proposed_by) == (Kind.HOLD_END, hold.id, "supervisor")
    assert holds(console)[0].ended_us is None
    assert "1 end is proposed" in text(first.get("/holds/"))
    assert "You proposed it" in text(first.get("/holds/approvals/"))
    confirm, sent = f"/holds/hold/{hold.id}/confirm/", {"proposal": proposal.id}
    refused = first.post(confirm, sent)
    assert (refused.status_code, "supervisor has proposed this" in text(refused)) == (400, True)
    again = first.post(f"/holds/hold/{hold.id}/end/", {"reason": "quickly"})
    assert (again.status_code, "has proposed to end it already" in text(again)) == (400, True)
    second = console.client("supervisor", name="deputy")
    assert "Read and confirm" in text(second.get("/holds/approvals/"))
    assert second.post(confirm, {"proposal": EVENT}).status_code == 400, "not what was shown"
    assert second.post(confirm, sent).status_code == 302
    assert (holds(console)[0].ended_by, holds(console)[0].end_reason) == ("deputy", "case closed")
    expected = [("hold.added", "desk"), ("hold.end_proposed", "supervisor"), ("hold.ended", "deputy")]
    assert told(console) == expected
    assert second.post(confirm, sent).status_code == 404


@pytest.mark.usefixtures("two_people")
def test_a_review_keeps_it_and_withdraws_the_proposal(console: Any, hold: Hold) -> None:
    console.client("supervisor").post(f"/holds/hold/{hold.id}/end/", {"reason": "case closed"})
    dpo, address = console.client("dpo"), f"/holds/hold/{hold.id}/review/"
    assert "that is withdrawn by this" in text(dpo.get(address))
    assert dpo.post(address, {"review-days": "0"}).status_code == 400
    assert dpo.post(address, {"review-days": ""}).status_code == 302
    (now,) = holds(console)
    assert (now.reviewed_by, now.review_us) == ("dpo", NOW_US + 90 * DAY_US)
    assert console.branch.registers().proposals()[0].outcome is Outcome.WITHDRAWN


def test_an_overdue_review_comes_first(console: Any, hold: Hold) -> None:
    console.clock.sleep(91 * 86_400)
    console.client("desk").post("/holds/new/", {**CASE, **HOURS, "categories": "footage", "reference": "15"})
    page = text(console.client("desk").get("/holds/"))
    assert page.index("Review overdue") < page.index("In force")
    assert page.index("14/2026") < page.index("Police, 15")


def test_a_hold_that_the_register_lost_is_told_of_and_can_be_ended(console: Any, hold: Hold) -> None:
    console.branch.paths.registers.unlink()
    supervisor = console.client("supervisor")
    assert f"/holds/hold/{hold.id}/" in text(supervisor.get("/holds/"))
    assert "nothing is destroyed at this branch" in text(supervisor.get(f"/holds/hold/{hold.id}/"))
    assert supervisor.get(f"/holds/hold/{EVENT}/").status_code == 404
    assert supervisor.post(f"/holds/hold/{hold.id}/end/", {"reason": "placed anew"}).status_code == 302
    assert hold.id not in text(supervisor.get("/holds/"))


@pytest.mark.usefixtures("two_people")
def test_a_lost_hold_waits_for_a_second_person_as_well(console: Any, hold: Hold) -> None:
    console.branch.paths.registers.unlink()
    first, second = console.client("supervisor"), console.client("supervisor", name="deputy")
    first.post(f"/holds/hold/{hold.id}/end/", {"reason": "placed anew"})
    page, address = text(second.get("/holds/approvals/")), f"/holds/hold/{hold.id}/confirm/"
    assert "End an entry that the register has lost" in page
    assert address in page
    (proposal,) = console.branch.registers().proposals()
    assert second.post(address, {"proposal": proposal.id}).status_code == 302
    assert "No end of a hold waits" in text(second.get("/holds/approvals/"))
    assert told(console)[1:] == [("hold.end_proposed", "supervisor"), ("hold.ended", "deputy")]


def test_a_register_that_cannot_be_read_is_a_sentence(console: Any) -> None:
    path = console.branch.paths.registers
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no database" * 100)
    answer = console.client("desk").get("/holds/")
    assert (answer.status_code, "cannot be read" in text(answer)) == (503, True)
    placed = console.client("desk").post("/holds/new/", {**CASE, **HOURS, "categories": "footage"})
    assert placed.status_code == 503


def test_what_the_journal_did_not_take_down_is_told_as_it_is(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from controller.staff.journal import StaffJournal
    from controller.store.journal import JournalUnavailable

    def full(*_: object, **__: object) -> None:
        raise JournalUnavailable("disk full")

    monkeypatch.setattr(StaffJournal, "record", full)
    answer = console.client("desk").post("/holds/new/", {**CASE, **HOURS, "categories": "footage"})
    assert (answer.status_code, "It counts all the same" in text(answer)) == (503, True)
    assert len(holds(console)) == 1


def test_footage_that_is_held_is_counted(console: Any) -> None:
    from contextlib import closing

    from controller.store.footage import Footage, Segment

    start_us = NOW_US - 2 * HOUR_US
    with closing(Footage.open(console.branch.paths.footage)) as footage:
        for n in range(3):
            at_us = start_us + n * HOUR_US
            name = f"entrance/{n}.mp4"
            footage.add_segment(
                Segment(
                    f"019dafa1-2400-7e0d-9882-42c96d20b8f{n}",
                    "entrance",
                    name,
                    at_us,
                    at_us + HOUR_US,
                    1,
                    "boot",
                    True,
                    1_500_000_000,
                    bytes(32),
                )
            )
    console.client("desk").post("/holds/new/", {**CASE, **HOURS, "to-time": "15:00", "categories": "footage"})
    page = text(console.client("desk").get(f"/holds/hold/{holds(console)[0].id}/"))
    assert "It covers 2 files of footage, 3.0 GB, 2.0 hours" in page
