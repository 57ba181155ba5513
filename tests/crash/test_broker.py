"""Mosquitto stopped and killed in the middle of some thousand events.

With a receiver that acknowledges, every event arrives, and arrives in order, even if the broker keeps
nothing on disk. Without one, the broker's word is all there is: what it accepted and forgot is counted,
and ``unlocked uplink replay`` fills it.
"""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.store.position import Positions
from simulator.broker import Broker
from simulator.receiver import Receiver
from simulator.waiting import wait_until

pytestmark = pytest.mark.crash

SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
EVENTS = 5_000 if SOAK else 2_000
STOPS_AT = tuple(EVENTS * share // 10 for share in (2, 5, 8))
LIMIT_S = 60
ALL = list(range(1, EVENTS + 1))


def stop_and_start(broker: Broker, how: signal.Signals) -> None:
    (broker.kill if how == signal.SIGKILL else broker.stop)()
    broker.start()


def arrived(receiver: Receiver) -> list[int]:
    """Sequences of the door's events by their first arrival."""
    return [event.seq for event in receiver.events("door.opened")]


def position(branch: Any) -> int:
    positions = Positions.open(branch.paths.positions)
    try:
        return positions.get(branch.door.journal_id).sent
    finally:
        positions.close()


def cases() -> Iterator[object]:
    """A broker that saves as it should is slow (each event is a write), so most of these are for the soak."""
    for how, autosave, protocol in itertools.product(
        (signal.SIGTERM, signal.SIGKILL), (True, False), ("5", "3.1.1")
    ):
        always = protocol == "5" and autosave == (how == signal.SIGTERM)
        if always or SOAK:
            saving = "saving" if autosave else "keeping-nothing"
            yield pytest.param(how, autosave, protocol, id=f"{how.name}-{saving}-{protocol}")


@pytest.mark.parametrize(("how", "autosave", "protocol"), list(cases()))
def test_with_a_receiver_that_acknowledges_every_event_arrives_in_order(
    tmp_path: Path,
    uplink: Callable[..., Any],
    record_property: Callable[[str, object], None],
    how: signal.Signals,
    autosave: bool,
    protocol: str,
) -> None:
    with Broker(tmp_path / "broker", "mosquitto", autosave=autosave) as broker:
        branch = uplink(broker, receiver=True, protocol=protocol)
        branch.happen(EVENTS)
        with Receiver(broker.host, broker.port) as receiver:
            branch.start()
            for count in STOPS_AT:
                receiver.wait_for("door.opened", LIMIT_S, count=count)
                stop_and_start(broker, how)
            receiver.wait_for("door.opened", LIMIT_S, count=EVENTS)
            assert arrived(receiver) == ALL
            # A second arrival of an id with another content would be listed here.
            assert receiver.faults == []
            wait_until(lambda: position(branch) == EVENTS, LIMIT_S)
            record_property("duplicates", receiver.duplicates)
            print(f"{how.name}, autosave {autosave}, MQTT {protocol}: {receiver.duplicates} duplicates")


def test_without_a_receiver_s_word_the_loss_is_counted_and_replay_fills_it(
    tmp_path: Path, uplink: Callable[..., Any], record_property: Callable[[str, object], None]
) -> None:
    """The broker is set up badly on purpose: it saves its store only when it ends politely."""
    with Broker(tmp_path / "broker", "mosquitto", autosave=False) as broker:
        branch = uplink(broker)
        branch.happen(EVENTS)
        with Receiver(broker.host, broker.port, acknowledges=False) as receiver:
            branch.start()
            for count in STOPS_AT:
                wait_until(lambda count=count: position(branch) >= count, LIMIT_S)
                stop_and_start(broker, signal.SIGKILL)
            wait_until(lambda: position(branch) == EVENTS, LIMIT_S)
            lost = EVENTS - len(arrived(receiver))
            record_property("lost", lost)
            print(f"SIGKILL without acknowledgement: all {EVENTS} accepted, {lost} not delivered")

            assert branch.command("replay", "--from", "1", "--journal", "door").returncode == 0
            receiver.wait_for("door.opened", LIMIT_S, count=EVENTS)
            assert sorted(arrived(receiver)) == ALL
            assert receiver.faults == []
