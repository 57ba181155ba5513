from __future__ import annotations

import pytest

from controller.console.events import telling
from controller.console.events.kinds import MARKS, OVER, Kind
from controller.core.access import Reason
from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.meanings import IN_SHORT, MEANINGS

STAMP = Stamp(1_795_219_200_000_000, 1, "boot", clock_trusted=True)


def event(type: EventType, subject: str = "street", **data: JsonValue) -> Event:
    return Event(1, "019aa700-0000-7aaa-8bbb-000000000001", type, STAMP, subject, data)


@pytest.mark.parametrize("type", list(EventType))
def test_every_type_of_event_has_a_sentence_and_a_kind_even_where_its_data_says_nothing(
    type: EventType,
) -> None:
    told = telling.sentence(event(type))
    assert told[0].isupper()
    assert not told.endswith((".", ":", " "))
    assert telling.kind(event(type)) in MARKS
    assert "None" not in told
    assert type.value not in told


def test_every_kind_has_a_mark_and_a_colour_of_its_own() -> None:
    assert set(MARKS) == set(Kind)
    assert len({mark.colour for mark in MARKS.values()}) == len(Kind)
    assert frozenset().union(*(telling.types_of({kind}) for kind in Kind)) == set(EventType)


def test_what_is_over_is_marked_so() -> None:
    over = {type for type in EventType if telling.mark(event(type)) in OVER.values()}
    ends = (
        "_ended",
        ".found",
        ".fresh",
        "_ok",
        "_back",
        ".calm",
        ".heard",
        ".freed",
        ".plausible",
        "_kept",
        ".renewed",
    )
    both = telling.types_of({Kind.ALARM, Kind.FAULT})
    assert over == {type for type in both if type.value.endswith((*ends, ".ended"))}


def test_every_reason_of_a_refusal_is_said_in_short_and_has_a_meaning() -> None:
    assert set(IN_SHORT) == set(MEANINGS) == set(Reason)


@pytest.mark.parametrize(
    ("type", "data", "told"),
    [
        ("access.refused", {"reason": "expired", "reader": "in"}, "Refused at reader in: membership expired"),
        ("access.refused", {"reason": "of_tomorrow"}, "Refused: of tomorrow"),
        ("access.granted", {"reader": "in", "pin": True}, "Card accepted at reader in, with a PIN"),
        ("access.outcome", {"done": "refused", "reason": "fire"}, "Not let in after all: fire"),
        (
            "door.unlocked",
            {"for": "exit", "duration_ms": 5000},
            "Unlocked for somebody leaving, for 5 seconds at most",
        ),
        (
            "command.received",
            {"command": "unlock", "doors": ["street"], "why": "delivery", "user": "u", "staff": "desk"},
            "Asked to unlock at street (delivery) by desk",
        ),
        (
            "console.login_refused",
            {"cause": "wrong", "user": "desk", "must_wait": True},
            "A log-in to the console as desk was refused: name or password was wrong; "
            "no more tries for a while",
        ),
        (
            "console.login_refused",
            {"cause": "expired", "must_wait": False},
            "A log-in to the console was refused: the password that was made for it is too old",
        ),
        (
            "console.logged_out",
            {"cause": "idle", "user": "desk"},
            "Logged out of the console by desk, because nothing was asked for in a while",
        ),
        (
            "staff.added",
            {"account": "night", "roles": ["cctv", "desk"], "user": "head"},
            "The account night was added as cctv, desk by head",
        ),
        (
            "staff.changed",
            {"account": "night", "change": "disabled", "user": "head"},
            "The account night was disabled by head",
        ),
        (
            "recording.gap",
            {"from_us": 0, "to_us": 7_200_000_000, "cause": "camera_lost"},
            "No footage for 2 h: the camera was lost",
        ),
        (
            "membership.imported",
            {"kind": "delta", "members": 1},
            "Changes of memberships imported: 1 membership now",
        ),
        (
            "retention.overdue",
            {"category": "footage", "count": 2},
            "Overdue and not destroyed: 2 files of footage",
        ),
        (
            "journal.verified",
            {"journals": {"door": {"verdict": "altered"}}},
            "Journals were verified: SOMETHING WAS FOUND",
        ),
        (
            "certificate.expiring",
            {"certificate": "branch", "days": 1},
            "The certificate of this branch expires in 1 day",
        ),
        (
            "certificate.expiring",
            {"certificate": "broker", "days": -1},
            "The certificate of headquarters' broker has expired",
        ),
        ("occupancy.changed", {"people": 15}, "About 15 inside, by estimate"),
    ],
)
def test_what_the_data_says_is_in_the_sentence(type: str, data: dict[str, JsonValue], told: str) -> None:
    assert telling.sentence(event(EventType(type), **data)) == told
