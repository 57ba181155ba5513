"""What staff see of a branch, by its journals and by what the door says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from controller.console.today.board import to_say
from controller.console.today.happenings import SHOWN
from controller.console.today.shown import Orders, Rank
from controller.core.event import CONTROLLER, JsonValue
from controller.core.event import EventType as E

if TYPE_CHECKING:
    from conftest import TodayRig

Told = tuple[str, E, str, dict[str, JsonValue]]


@pytest.fixture
def well(today: TodayRig) -> TodayRig:
    today.well()
    today.open_the_door()
    return today


def test_a_branch_that_is_well_wants_nothing(well: TodayRig) -> None:
    board = well.board()
    assert board.matters == ()
    assert board.hours.startswith("Unstaffed hours")
    (front,) = board.doors
    assert [(row.name, row.word) for row in front.rows] == [
        ("Lock", "Locked"),
        ("Door contact", "Shut"),
        ("Reader in", "Works"),
    ]
    assert [(row.name, row.word) for row in board.cameras] == [("entrance", "Recording")]
    assert [(row.name, row.word) for row in board.systems][:4] == [
        ("Memberships", "Fresh"),
        ("Library management system", "Not lost yet"),
        ("Broker", "Connected"),
        ("Clock", "Set"),
    ]
    assert "1,200 memberships" in board.systems[0].detail
    assert board.systems[0].as_of
    assert board.systems[0].when_us == well.begun_us


MATTERS: list[tuple[Told, str]] = [
    (("door", E.DOOR_FORCED, "front", {}), "Door front was forced open"),
    (("door", E.DOOR_HELD, "front", {}), "Door front is open for too long"),
    (("door", E.LOCKDOWN_STARTED, "front", {}), "Door front is in lockdown"),
    (("door", E.FIRE_STARTED, "front", {}), "Fire is reported"),
    (("door", E.EVACUATION_STARTED, "front", {}), "The building is being evacuated"),
    (("door", E.HELP_REQUESTED, "front", {"device": "door"}), "Somebody asks for help, at door front"),
    (
        ("door", E.HELP_REQUESTED, CONTROLLER, {"device": "building"}),
        "Somebody asks for help, in the building",
    ),
    (
        ("door", E.TAMPER_STARTED, "front", {"device": "reader", "reader": "in"}),
        "A housing is open, at door front, reader in",
    ),
    (
        ("door", E.LOCK_FAULT_STARTED, "front", {"fault": "jammed"}),
        "The lock of door front cannot be believed: the bolt does not move when it is released",
    ),
    (("door", E.READER_LOST, "front", {"reader": "in"}), "Reader in of door front: not there"),
    (("recorder", E.CAMERA_LOST, "entrance", {}), "Camera entrance sends no pictures"),
    (
        ("recorder", E.CAMERA_FAULT_STARTED, "entrance", {"fault": "covered"}),
        "Camera entrance: it is covered, blinded or out of focus",
    ),
    (
        ("recorder", E.STORAGE_FORECAST, "recorder", {"days_left": 1}),
        "The footage disk will be full in 1 day",
    ),
    (("recorder", E.STORAGE_FULL, "recorder", {}), "The disk is full: nothing is recorded"),
    (
        ("recorder", E.RECORDING_STOPPED, "recorder", {"cause": "policy"}),
        "Nothing is recorded: the policy or the privacy notice forbids it",
    ),
    (
        ("recorder", E.RETENTION_OVERDUE, "test", {"category": "footage", "count": 3}),
        "3 recorded files should have been destroyed and are still there",
    ),
    (
        ("recorder", E.SERVICE_STOPPED, "recorder", {}),
        "The recorder is not running: nothing is recorded",
    ),
    (
        ("membership", E.MEMBERSHIP_STALE, "members", {}),
        "The memberships are too old: cards are refused unless the library system vouches for them",
    ),
    (
        ("membership", E.LMS_LOST, "lms", {"reason": "timed_out"}),
        "The library management system is not reached: it takes too long to answer",
    ),
    (
        ("membership", E.LMS_UNUSABLE, "lms", {}),
        "The answers of the library management system are not enough to count",
    ),
    (
        ("membership", E.MEMBERSHIP_FEED_REFUSED, "feed", {"reason": "bad_signature"}),
        "The last file of memberships was not taken in: bad signature",
    ),
    (("uplink", E.UPLINK_LOST, "uplink", {"reason": "closed"}), "The broker is not reached"),
    (
        ("uplink", E.SERVICE_STOPPED, "uplink", {}),
        "The uplink is not running: nothing is sent to the broker",
    ),
]


def test_what_is_the_matter_is_said_with_a_remedy_and_since_when(well: TodayRig) -> None:
    known = set(well.matters())
    for (service, kind, subject, data), title in MATTERS:
        since_us = well.stamp().wall_us
        well.write(service, kind, subject, **data)
        new = [matter for matter in well.board(after_s=6).matters if matter.title not in known]
        assert [matter.title for matter in new] == [title]
        assert new[0].since_us in (None, since_us)
        assert new[0].remedy.endswith((".", "?"))
        known.add(title)


def test_a_certificate_that_runs_out_is_said_until_it_is_renewed(well: TodayRig) -> None:
    said: dict[str, JsonValue] = {"certificate": "branch", "days": 12}
    well.write("uplink", E.CERTIFICATE_EXPIRING, "broker", **said)
    (matter,) = well.board(after_s=6).matters
    assert matter.title.startswith("The branch's certificate for the broker is valid until ")
    well.write("uplink", E.CERTIFICATE_RENEWED, "broker", **said)
    assert well.board(after_s=6).matters == ()


def test_what_wants_somebody_now_comes_first_and_what_is_over_is_gone(well: TodayRig) -> None:
    well.write("uplink", E.UPLINK_LOST, "uplink")
    well.write("recorder", E.CAMERA_LOST, "entrance")
    well.write("door", E.DOOR_FORCED)
    before = well.board()
    assert [matter.rank for matter in before.matters] == [Rank.NOW, Rank.SOON, Rank.KNOW]
    well.write("door", E.DOOR_CLOSED)
    well.write("door", E.DOOR_HELD)
    after = well.board()
    assert to_say(before, after) == (
        "Now: Door front is open for too long.",
        "Over: Door front was forced open.",
    )
    assert to_say(after, after) == ()


def test_a_door_that_does_not_answer_is_said_and_shown_by_its_journal(today: TodayRig) -> None:
    today.well()
    today.write("door", E.DOOR_OPENED)
    board = today.board()
    assert [matter.key for matter in board.matters] == ["door-silent", "membership"]
    assert [row.word for row in board.doors[0].rows] == ["Locked", "Open", "Works"]
    assert board.hours == "Not known"
    assert board.inside.figure == "Not known"


def test_what_asks_the_library_system_or_sends_is_not_believed_when_it_is_not_there(today: TodayRig) -> None:
    today.well()
    today.write("membership", E.LMS_FOUND, "lms")
    today.write("uplink", E.SERVICE_STOPPED, "uplink")
    board = today.board()
    assert [(row.name, row.word) for row in board.systems][:3] == [
        ("Memberships", "No answer"),
        ("Library management system", "Not known"),
        ("Broker", "Nothing is sent"),
    ]


def test_a_branch_that_has_not_begun_has_a_page(today: TodayRig) -> None:
    board = today.board()
    assert [row.word for row in board.doors[0].rows] == ["Not known", "Not known", "Works"]
    assert [row.word for row in board.cameras] == ["Not known"]
    assert board.happenings == ()


def test_a_journal_that_cannot_be_read_is_said(well: TodayRig) -> None:
    path = well.paths.journal("uplink")
    well.spoil("uplink")
    (matter,) = well.board().matters
    assert matter.title == "The records of the uplink cannot be read: what is shown of it may be old"
    assert str(path) in matter.remedy


@pytest.mark.parametrize(
    ("says", "key"),
    [
        ({"journal": False}, "door-journal"),
        ({"memberships": False}, "members-unreadable"),
        ({"clock_trusted": False}, "clock"),
        ({"hours": 3}, "door-silent"),
    ],
)
def test_what_only_the_door_knows_is_asked_of_it(
    well: TodayRig, says: dict[str, JsonValue], key: str
) -> None:
    well.says.update(says)
    assert [matter.key for matter in well.board().matters] == [key]


def test_a_door_that_cannot_write_its_journal_is_believed_itself(well: TodayRig) -> None:
    front = {"mode": "fire in lockdown", "contact": "forced", "readers": {"in": False}}
    well.says |= {"journal": False, "doors": {"front": front}}
    assert [row.word for row in well.board().doors[0].rows] == ["Fire", "Forced open", "Cannot be used"]


def test_only_what_does_something_is_offered(well: TodayRig) -> None:
    assert well.board().orders == Orders(lockdown=True, end_lockdown=False)
    well.write("door", E.LOCKDOWN_STARTED)
    assert well.board().orders == Orders(lockdown=False, end_lockdown=True)
    well.says |= {"journal": False, "doors": {"front": {"mode": "locked", "contact": None, "readers": {}}}}
    assert well.board().orders == Orders(lockdown=True, end_lockdown=False)


def test_where_nobody_knows_of_a_lockdown_both_are_offered(today: TodayRig) -> None:
    assert today.board().orders == Orders(lockdown=True, end_lockdown=True)


def test_the_door_is_asked_once_a_second_at_most(well: TodayRig) -> None:
    well.board()
    asked = len(well.asked)
    for _ in range(5):
        well.write("door", E.DOOR_OPENED)
        well.board(after_s=0)
    assert len(well.asked) == asked
    well.board(after_s=1)
    assert len(well.asked) == asked + 1


def test_a_recorder_that_leaves_no_sign_of_life_is_not_running(well: TodayRig) -> None:
    well.board()
    well.alive()
    assert well.matters() == []
    well.now += 200
    assert well.matters() == ["The recorder is not running: nothing is recorded"]
    assert [row.word for row in well.board().cameras] == ["Not known"]


@pytest.mark.parametrize(
    ("occupancy", "figure", "words"),
    [
        ({"basis": "grants", "known": False}, "Nobody knows", "known to be empty"),
        (
            {"basis": "grants", "known": True, "likely": 0, "at_least": 0, "at_most": 0},
            "Nobody",
            "No door was",
        ),
        (
            {"basis": "grants", "known": True, "likely": 0, "at_least": 0, "at_most": None},
            "Perhaps nobody",
            "nobody is certain",
        ),
        (
            {"basis": "readers", "known": True, "likely": 3, "at_least": 2, "at_most": None},
            "Perhaps 3",
            "2 at least, and nobody can say how many more",
        ),
        (
            {"basis": "counters", "known": True, "likely": 12, "at_least": 10, "at_most": 14, "limit": 12},
            "About 12",
            "Between 10 and 14",
        ),
        (
            {
                "basis": "counters",
                "known": True,
                "likely": 12,
                "at_least": 10,
                "at_most": 14,
                "limit": 12,
                "full": True,
            },
            "About 12",
            "Full: cards are refused at 12",
        ),
    ],
)
def test_who_knows_how_many_are_inside(
    well: TodayRig, occupancy: dict[str, JsonValue], figure: str, words: str
) -> None:
    well.says["occupancy"] = occupancy
    inside = well.board().inside
    assert inside.figure == figure
    assert any(words in sentence for sentence in inside.sentences)
    assert "evacuation" in inside.sentences[-1]


def test_the_last_happenings_are_told_newest_first_in_words(well: TodayRig) -> None:
    well.write("door", E.ACCESS_REFUSED, reason="expired", reader="in")
    well.write("door", E.ACCESS_GRANTED, reader="in", mode="unstaffed")
    well.write("door", E.DOOR_UNLOCKED)
    board = well.board()
    assert [(one.word, one.door, one.told) for one in board.happenings] == [
        ("Let in", "Door front", "Card accepted at reader in"),
        ("Refused", "Door front", "Refused at reader in: membership expired"),
    ]
    for _ in range(SHOWN):
        well.write("door", E.EXIT_REQUESTED)
    assert [one.told for one in well.board().happenings] == ["Somebody asked to leave"] * SHOWN


def test_a_restricted_happening_is_not_shown_but_counted(well: TodayRig) -> None:
    well.write("door", E.ACCESS_GRANTED, reader="in", mode="unstaffed")
    (shown,) = well.board().happenings
    well.restrict(shown.id)
    board = well.board()
    assert (board.happenings, board.hidden) == ((), 1)


def test_boards_of_the_same_state_are_equal(well: TodayRig) -> None:
    board = well.board()
    assert replace(board, systems=()) == replace(well.board(), systems=())
