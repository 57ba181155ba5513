"""What is told in one word: readers, the broker, a service, what was imported."""

from __future__ import annotations

from functools import reduce

import pytest

from controller.core.event import CONTROLLER, Event, JsonValue, Stamp
from controller.core.event import EventType as E
from controller.core.states.backup import HOUR_US, BackupState
from controller.core.states.broker import BrokerState
from controller.core.states.imported import ImportedState
from controller.core.states.reader import ReaderState
from controller.core.states.service import ServiceState

STAMP = Stamp(1_795_284_245_000_000, 1, "boot", True)


def event(kind: E, subject: str = "front", **data: JsonValue) -> Event:
    return Event(7, "id-7", kind, STAMP, subject, data)


@pytest.mark.parametrize(
    ("kinds", "word"),
    [
        ((), "works"),
        ((E.READER_LOST,), "lost"),
        ((E.READER_LOST, E.READER_FOUND), "works"),
        ((E.READER_SILENT, E.READER_BABBLING), "babbling"),
        ((E.READER_SILENT, E.READER_BABBLING, E.READER_CALM), "silent"),
        ((E.READER_SILENT, E.READER_HEARD), "works"),
        ((E.READER_LOST, E.ACCESS_REFUSED), "lost"),
    ],
)
def test_the_worst_of_a_reader_is_told(kinds: tuple[E, ...], word: str) -> None:
    happened = [event(kind, reader="in") for kind in kinds]
    assert reduce(ReaderState.after, happened, ReaderState("front", "in")).word == word


def test_a_reader_s_faults_are_its_own_and_are_told_anew_after_a_restart() -> None:
    reader = ReaderState("front", "in")
    assert reader.after(event(E.READER_LOST, reader="out")) is reader
    assert reader.after(event(E.READER_LOST, "back", reader="in")) is reader
    lost = reader.after(event(E.READER_LOST, reader="in"))
    assert (lost.seq, lost.stamp) == (7, STAMP)
    assert lost.after(event(E.SERVICE_STARTED, CONTROLLER)).word == "works"


@pytest.mark.parametrize(
    ("kinds", "word"),
    [
        ((E.UPLINK_CONNECTED,), "connected"),
        ((E.UPLINK_CONNECTED, E.UPLINK_LOST), "lost"),
        ((E.UPLINK_CONNECTED, E.UPLINK_REFUSED), "refused"),
        ((E.UPLINK_CONNECTED, E.UPLINK_REPLAYED), "connected"),
        ((E.UPLINK_CONNECTED, E.SERVICE_STARTED), "unknown"),
    ],
)
def test_the_broker(kinds: tuple[E, ...], word: str) -> None:
    assert reduce(BrokerState.after, map(event, kinds), BrokerState()).word == word


def test_a_service_has_started_or_stopped() -> None:
    state = ServiceState()
    assert state.after(event(E.CLIP_RECORDED)) is state
    assert state.after(event(E.SERVICE_STARTED)).word == "started"
    assert state.after(event(E.SERVICE_STARTED)).after(event(E.SERVICE_STOPPED)).word == "stopped"


def test_what_was_imported_and_what_was_not() -> None:
    state = ImportedState()
    assert state.after(event(E.MEMBERSHIP_IMPORTED)) is state
    first = state.after(event(E.MEMBERSHIP_IMPORTED, members=12, as_of_us=5))
    refused = first.after(event(E.MEMBERSHIP_FEED_REFUSED, reason="empty"))
    assert (refused.members, refused.as_of_us, refused.refused) == (12, 5, "empty")
    assert refused.after(event(E.MEMBERSHIP_IMPORTED, members=13, as_of_us=6)).refused == ""


def test_the_last_backup() -> None:
    state = BackupState()
    assert state.after(event(E.BACKUP_MADE)) is state
    assert state.late(1, 50)
    made = state.after(event(E.BACKUP_MADE, at_us=HOUR_US, until_us=9 * HOUR_US))
    assert (made.late(51 * HOUR_US, 50), made.late(51 * HOUR_US + 1, 50)) == (False, True)
    failed = made.after(event(E.BACKUP_FAILED, at_us=2 * HOUR_US, cause="place"))
    assert (failed.made_us, failed.why) == (HOUR_US, "it did not arrive where it was to go")
    assert failed.after(event(E.BACKUP_MADE, at_us=3 * HOUR_US, until_us=9 * HOUR_US)).failed == ""
