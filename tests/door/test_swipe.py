"""What a swipe does, as one list: journal, lock, display."""

import pytest

from controller.core.card import CardNumber, CardRules
from controller.door.inputs import BuildingInput, ReaderFound, ReaderLost
from controller.door.swipes import Swipes
from controller.settings.reader import Reader


def test_a_valid_card_opens_the_door_and_the_decision_is_written_first(door) -> None:
    door.swipe(door.cards.valid)
    assert door.happened == [
        ("journal", "access.granted", "unstaffed"),
        ("lock", "release", 5.0),
        ("journal", "door.unlocked", "grant", 5000),
        ("display", "granted"),
    ]


def test_whoever_goes_in_relocks_the_door_at_once(door) -> None:
    door.swipe(door.cards.valid)
    door.forget()
    door.open()
    door.advance(2)
    door.shut()
    door.advance(10)
    assert door.happened == [
        ("lock", "secure"),
        ("journal", "door.opened"),
        ("journal", "door.locked"),
        ("journal", "door.closed"),
    ]


def test_nobody_going_in_is_said(door) -> None:
    door.swipe(door.cards.valid)
    door.forget()
    door.advance(4.9)
    assert door.happened == []
    door.advance(0.2)
    assert door.happened == [("lock", "secure"), ("journal", "door.locked"), ("journal", "door.unused")]


@pytest.mark.parametrize(
    ("card", "reason", "shown"),
    [
        ("expired", "expired", "refused"),
        ("suspended", "suspended", "refused"),
        ("not_enrolled", "not_enrolled", "refused"),
        ("stranger", "unknown_card", "refused"),
        ("stale", "membership_stale", "out_of_order"),
    ],
)
def test_every_other_card_is_refused_with_its_reason(door, card: str, reason: str, shown: str) -> None:
    door.swipe(getattr(door.cards, card))
    assert door.happened == [("journal", "access.refused", reason), ("display", shown)]


def test_only_a_member_s_card_is_kept_and_only_sealed(door) -> None:
    door.swipe(door.cards.valid)
    door.swipe(door.cards.expired)
    door.swipe(door.cards.stranger)
    kept = {event.type: sealed for event, sealed in zip(door.writer.events, door.writer.sealed, strict=True)}
    assert [sealed for sealed in door.writer.sealed if sealed] == [
        {"card": door.cards.valid.encode()},
        {"card": door.cards.expired.encode()},
    ]
    assert kept["door.unlocked"] == {}
    for number in vars(door.cards).values():
        assert str(number) not in repr(door.writer.events)


def test_the_unlocking_names_its_grant(door) -> None:
    door.swipe(door.cards.valid)
    granted, unlocked = door.writer.events[-2:]
    assert unlocked.data["grant"] == granted.id


def test_after_hours_the_branch_is_closed(make_door) -> None:
    door = make_door(hour=22).begin().forget()
    door.swipe(door.cards.valid)
    assert door.happened == [("journal", "access.refused", "closed_hours"), ("display", "closed")]


def test_in_staffed_hours_the_lock_is_left_alone(make_door) -> None:
    door = make_door(hour=12).begin().forget()
    door.swipe(door.cards.valid)
    door.open()
    door.advance(120)
    door.shut()
    assert door.happened == [
        ("journal", "access.not_needed"),
        ("display", "not_needed"),
        ("journal", "door.opened"),
        ("journal", "door.closed"),
    ]
    assert not any(door.writer.sealed)


def test_a_clock_that_is_not_trusted_admits_nobody(door) -> None:
    door.clock.trusted = False
    door.swipe(door.cards.valid)
    assert door.happened == [
        ("journal", "clock.untrusted"),
        ("journal", "access.refused", "clock_untrusted"),
        ("display", "out_of_order"),
    ]
    door.forget()
    door.clock.trusted = True
    door.advance(1)
    assert door.happened == [("journal", "clock.trusted")]


def test_memberships_that_cannot_be_read_admit_nobody(door) -> None:
    door.members.unusable = True
    door.swipe(door.cards.valid)
    assert door.happened == [("journal", "access.refused", "membership_stale"), ("display", "out_of_order")]
    assert door.status["memberships"] is False


@pytest.mark.parametrize("noise", [b"12\r", b"\xff\xff\r", b"2589100033144a\r", b"9" * 300])
def test_what_is_no_card_is_not_read(door, noise: bytes) -> None:
    door.send(noise)
    assert door.happened == [("journal", "access.refused", "not_read"), ("display", "not_read")]


def test_a_burst_of_noise_is_one_attempt(door) -> None:
    for _ in range(50):
        door.send(b"noise\r")
        door.advance(0.05)
    assert door.happened_of("journal") == [("journal", "access.refused", "not_read")]


def test_a_card_held_at_the_reader_is_one_swipe(door) -> None:
    for _ in range(30):
        door.swipe(door.cards.valid)
        door.advance(0.05)
    assert len(door.happened_of("lock")) == 1


def test_a_card_split_over_many_reads_is_one_swipe(door) -> None:
    for byte in door.cards.valid.encode() + b"\r\n":
        door.send(bytes([byte]))
    assert len(door.happened_of("lock")) == 1


def test_two_members_in_a_row_are_two_grants(door) -> None:
    number = "25891000331490"
    door.members.memberships[number] = door.members.memberships[door.cards.valid]
    door.swipe(door.cards.valid)
    door.advance(3)
    door.swipe(number)
    door.advance(4)
    assert door.happened_of("lock") == [("lock", "release", 5.0), ("lock", "release", 5.0)]
    door.advance(1.1)
    assert door.happened_of("lock")[-1] == ("lock", "secure")


def test_a_swipe_that_waited_too_long_opens_nothing(door) -> None:
    door.swipe(door.cards.valid, ago_s=6)
    assert door.happened == [("journal", "access.refused", "too_late"), ("display", "try_again")]


def test_half_a_line_from_before_the_reader_was_lost_belongs_to_nothing(door) -> None:
    door.send(door.cards.valid[:7].encode())
    door.service.handle(ReaderLost("front", "in"))
    door.service.handle(ReaderFound("front", "in"))
    door.send(door.cards.valid[7:].encode() + b"\r")
    assert door.happened == [
        ("journal", "reader.lost"),
        ("journal", "reader.found"),
        ("journal", "access.refused", "half_read"),
        ("display", "try_again"),
    ]


def test_a_number_without_its_end_is_not_completed_by_a_stray_one_later(door) -> None:
    door.send(door.cards.valid.encode())
    door.advance(60)
    door.forget()
    door.send(b"\r")
    assert door.happened == []
    door.swipe(door.cards.valid)
    assert ("lock", "release", 5.0) in door.happened


def test_noise_fills_no_log(door, caplog) -> None:
    caplog.set_level("INFO")
    for _ in range(100):
        door.send(b"12\r")
    assert len(caplog.records) == 1


def test_a_lost_reader_is_shown_as_long_as_it_is_lost(door) -> None:
    door.service.handle(ReaderLost("front", "in"))
    door.advance(2.5)
    assert door.happened == [("journal", "reader.lost"), *[("display", "no_reader")] * 2]


def test_a_grant_without_a_durable_record_opens_nothing(door) -> None:
    door.writer.broken = True
    door.swipe(door.cards.valid)
    assert door.happened == [
        ("journal", "access.granted", "unstaffed"),
        ("journal", "access.outcome", "refused", "journal_unavailable"),
        ("display", "out_of_order"),
    ]
    assert door.writer.events[-1].type != "access.outcome"
    door.writer.mend()
    granted, outcome = door.writer.events[-2:]
    assert (outcome.data["grant"], outcome.data["done"]) == (granted.id, "refused")


def test_a_branch_may_choose_to_admit_without_a_durable_record(make_door) -> None:
    door = make_door(branch={"journal": {"on_failure": "admit"}}).begin().forget()
    door.writer.broken = True
    door.swipe(door.cards.valid)
    assert door.happened == [
        ("journal", "access.granted", "unstaffed"),
        ("journal", "access.outcome", "admitted", "journal_unavailable"),
        ("lock", "release", 5.0),
        ("journal", "door.unlocked", "grant", 5000),
        ("display", "granted"),
    ]


def test_in_a_fire_the_lock_is_not_driven_and_no_opening_is_forced(door) -> None:
    door.set(BuildingInput.FIRE, True)
    door.swipe(door.cards.valid)
    door.open()
    assert door.happened == [
        ("journal", "fire.started"),
        ("display", "evacuation"),
        ("journal", "access.refused", "evacuation"),
        ("display", "evacuation"),
        ("journal", "door.opened"),
    ]


def test_the_watchdog_is_told_by_the_acting_thread_itself(door) -> None:
    before = door.notifier.watchdogs
    door.advance(5)
    assert door.notifier.watchdogs - before == 5


def test_events_that_found_no_room_are_counted_when_the_journal_is_back(door) -> None:
    door.writer.lost = 7
    door.writer.broken = True
    door.advance(1.1)
    assert door.happened == []
    door.writer.mend()
    door.advance(1.1)
    assert door.happened == [("journal", "door.fault", "journal", 7)]


def test_noise_without_end_does_not_swallow_the_next_card(door) -> None:
    door.send(b"9" * 1000)
    door.advance(1.1)
    door.swipe(door.cards.valid)
    assert ("lock", "release", 5.0) in door.happened


@pytest.mark.parametrize(
    ("reader", "sent", "number"),
    [
        ({"format": "aba"}, b";25891000331441?3", "25891000331441"),
        ({"format": "aba", "track_field": 2}, b";99=25891000331441?\r", "25891000331441"),
        ({"format": "rdm6300"}, b"\x02100086F44426\x03", "0008844356"),
        ({"format": "wiegand-26", "wiegand_text": "hex-parity"}, b"30DE888\r", "0008844356"),
        ({"format": "wiegand-26", "prefix": "W"}, b"W86F444\r", "0008844356"),
        ({"format": "wiegand-34"}, b"499602D2\r", "1234567890"),
        ({"format": "wiegand-37"}, b"000080002\r", "00000524290"),
    ],
)
def test_every_format_of_readers_opens_the_door_once(
    reader: dict[str, str | int], sent: bytes, number: str
) -> None:
    swipes = Swipes(
        Reader.model_validate({"port": "/dev/null", **reader}), CardRules(10, 14, "digits", "off")
    )
    found = [swipe for at in range(40) for swipe in swipes.feed(sent, 1_000_000 + at * 50_000)]
    assert [swipe.reveal() for swipe in found if isinstance(swipe, CardNumber)] == [number]
    assert len(found) == 1


def test_half_a_frame_is_forgotten_after_a_pause_in_every_format() -> None:
    swipes = Swipes(Reader(port="/dev/null", format="aba"), CardRules(14, 14, "digits", "off"))
    assert swipes.feed(b";25891000331441?", 1_000_000) == []
    assert swipes.feed(b"\r", 4_000_000) == []


def test_a_decision_is_recorded_with_the_age_of_what_is_known_and_the_day_it_hangs_on(door) -> None:
    door.begin().forget()
    for card in (door.cards.valid, door.cards.expired, door.cards.suspended, door.cards.stranger):
        door.swipe(card)
    of_cards = [event.data for event in door.writer.events if event.type.startswith("access.")]
    day = door.members.memberships[door.cards.expired].expires.isoformat()
    assert [data.get("age_s") for data in of_cards] == [86_400, 86_400, 86_400, None]
    assert [data.get("day") for data in of_cards] == [None, day, None, None]
