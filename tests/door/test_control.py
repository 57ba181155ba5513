"""What staff can tell the door to do."""

import pytest

from controller.ipc import door_commands
from controller.ipc.door_commands import Command, permitted
from controller.ipc.messages import Reply


def test_a_command_is_journalled_with_its_user_before_it_is_obeyed(door) -> None:
    reply = door.command("unlock", why="delivery")
    assert reply == Reply(done=True, data={"modes": {"front": "released"}, "journalled": True})
    assert door.happened == [
        ("journal", "command.received", "unlock", ["front"], 0, "root", "delivery"),
        ("lock", "release", 5.0),
        ("journal", "door.unlocked", "command", 5000),
    ]
    received, unlocked = door.writer.events[-2:]
    assert unlocked.data["command"] == received.id


def test_a_command_whose_caller_has_gone_does_nothing(door) -> None:
    assert door.command("unlock", gone=True).reason == "no_answer"
    assert door.happened == []


def test_a_release_without_a_durable_record_is_not_done(door) -> None:
    door.writer.broken = True
    for command, arguments in (("unlock", {}), ("hold-open", {"minutes": 5})):
        assert door.command(command, **arguments) == Reply(done=False, reason="journal_unavailable")
    assert door.happened_of("lock") == []


def test_a_lockdown_does_not_wait_for_the_journal_but_says_so(door) -> None:
    door.writer.broken = True
    reply = door.command("lockdown")
    assert reply == Reply(done=True, data={"modes": {"front": "lockdown"}, "journalled": False})
    assert door.happened_of("lock") == [("lock", "secure")]


def test_in_a_lockdown_nobody_is_admitted_and_nothing_unlocks(door) -> None:
    door.command("lockdown")
    door.forget()
    door.swipe(door.cards.valid)
    assert door.command("unlock").reason == "lockdown"
    assert door.command("hold-open", minutes=5).reason == "lockdown"
    assert ("journal", "access.refused", "lockdown") in door.happened
    assert ("display", "closed") in door.happened
    assert door.happened_of("lock") == []
    assert door.command("end-lockdown").done
    door.advance(3)
    door.swipe(door.cards.valid)
    assert ("display", "granted") in door.happened


def test_a_lockdown_outlives_a_restart(make_door) -> None:
    door = make_door(lockdown=True).begin().forget()
    door.swipe(door.cards.valid)
    assert door.happened == [("journal", "access.refused", "lockdown"), ("display", "closed")]


def test_a_door_held_open_is_a_pulse_renewed_until_its_deadline(door) -> None:
    assert door.command("hold-open", minutes=2).done
    releases = []
    for _ in range(24):
        door.advance(5)
        releases.append(len(door.happened_of("lock")))
        door.forget()
    # 2.5 s apart, half a pulse: two in five seconds, each of one pulse only
    assert set(releases[1:-1]) == {2}
    door.advance(1)
    assert door.status["mode"] == "locked"
    assert not door.lock.released


def test_a_hold_open_can_be_ended(door) -> None:
    door.command("hold-open", minutes=60)
    assert door.command("end-hold-open") == Reply(
        done=True, data={"modes": {"front": "locked"}, "journalled": True}
    )
    assert not door.lock.released
    door.forget()
    door.advance(120)
    assert door.happened == []
    assert door.command("end-hold-open").reason == "locked"


def test_a_hold_open_says_how_long_it_will_be(door) -> None:
    door.command("hold-open", minutes=2)
    assert [event.type.value for event in door.writer.events[-3:]] == [
        "command.received",
        "door.hold_open_started",
        "door.unlocked",
    ]
    assert door.writer.events[-1].data["duration_ms"] == 120_000
    assert door.writer.events[-1].data["for"] == "hold_open"


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("hold-open", {}),
        ("hold-open", {"minutes": 0}),
        ("hold-open", {"minutes": 61}),
        ("hold-open", {"minutes": True}),
        ("hold-open", {"minutes": "5"}),
        ("unlock", {"minutes": 5}),
        ("unlock", {"why": "for Mrs Smith"}),
        ("lockdown", {"why": "test"}),
        ("status", {"minutes": 5}),
        ("unlock", {"door": "back"}),
        ("lockdown", {"door": 1}),
        ("evacuate", {"door": "front"}),
        ("end-evacuation", {"minutes": 5}),
    ],
)
def test_arguments_that_make_no_sense_are_refused_unheard(door, command: str, arguments: dict) -> None:
    assert door.command(command, **arguments).reason == "bad_request"
    assert door.happened == []


def test_status_is_not_journalled_and_says_how_the_door_is(door) -> None:
    assert door.command("status").data == {
        "hours": "unstaffed",
        "journal": True,
        "memberships": True,
        "clock_trusted": True,
        "fire": False,
        "evacuation": False,
        "alarms": [],
        "doors": {
            "front": {
                "mode": "locked",
                "contact": "closed",
                "readers": {"in": True},
                "tampered_readers": [],
                "alarms": [],
                "lock_faults": None,
            }
        },
    }
    assert door.happened == []


def test_every_command_has_its_users() -> None:
    found = permitted(remote_unlock=False)
    assert found.keys() == {command.value for command in Command}
    assert all(0 in users for users in found.values())


@pytest.mark.parametrize("remote_unlock", [False, True])
def test_the_console_releases_no_lock_unless_it_is_set(
    monkeypatch: pytest.MonkeyPatch, remote_unlock: bool
) -> None:
    monkeypatch.setattr(door_commands, "uids_of", lambda *users: frozenset({0, *(77 for _ in users)}))
    found = {name for name, users in permitted(remote_unlock=remote_unlock).items() if 77 in users}
    always = {"status", "lockdown", "end-lockdown", "reader-test", "reader-heard"}
    assert found == (always | {"unlock"} if remote_unlock else always)
