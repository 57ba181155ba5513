"""kill -9 of each service at random moments while members swipe, and services that are frozen.

The branch is real but for its devices: the services under ``unlocked run``, a broker with a receiver, a
camera. Swipes come every 200 ms from the first moment to the last.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from threading import Event as Flag
from threading import Thread

import pytest

from controller.core.event import Event
from controller.store.footage import FootageReader
from controller.store.journal_reader import JournalReader
from simulator.branch import Branch, Plan
from simulator.members import Member, crowd
from simulator.pins.panel import boottime_us
from simulator.settings import CAMERA

pytestmark = [pytest.mark.crash, pytest.mark.system, pytest.mark.timeout(3600)]

SERVICES = ("door", "recorder", "membership", "uplink")
ROUNDS = 50 if os.environ.get("UNLOCKED_SOAK") else 2
SWIPE_S = 0.2
SAFE_LIMIT_S = 1.0
BACK_LIMIT_S = 30.0
GRANT_TO_LOCK_US = 1_000_000
"""The longest wait for the journal (journal_wait_ms)."""
GOP_S = 1.0
"""Seconds between the keyframes of the simulated camera."""
TRANSIT_S = 1.0
"""A picture's way from the camera into the file, on a busy machine. The first pictures of a connection wait
in memory until the stream is understood, so what follows them is dated that much later than it was taken."""


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    # A pulse far above the limit: only what happens after a death can end it in time.
    plan = Plan(camera=True, pulse_s=10.0, segment_s=4)
    with Branch(tmp_path_factory.mktemp("kill"), plan) as branch:
        branch.import_members(members())
        branch.start()
        yield branch


def members() -> list[Member]:
    return list(crowd(50, datetime.now(UTC).date()))


@contextmanager
def swipes(branch: Branch) -> Iterator[None]:
    """A member every 200 ms, each another, for as long as the block lasts."""
    enough = Flag()

    def swipe() -> None:
        for member in cycle(members()):
            if enough.wait(SWIPE_S):
                return
            branch.swipe(member.card)

    thread = Thread(target=swipe, name="swipes")
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


@contextmanager
def witness(branch: Branch) -> Iterator[dict[tuple[str, str, int], str]]:
    """Whatever any journal shows during the block: journal, its id and sequence to the event's id."""
    seen: dict[tuple[str, str, int], str] = {}
    enough = Flag()

    def look() -> None:
        readers = {service: JournalReader(branch.paths.journal(service)) for service in SERVICES}
        positions = dict.fromkeys(SERVICES, 0)
        while not enough.wait(0.05):
            for service, reader in readers.items():
                for event in reader.read(positions[service]):
                    seen[service, reader.journal_id, event.seq] = event.id
                    positions[service] = event.seq
        for reader in readers.values():
            reader.close()

    thread = Thread(target=look, name="witness")
    thread.start()
    try:
        yield seen
    finally:
        enough.set()
        thread.join()


def wait_until_back(branch: Branch, service: str, dead: int, swiped_after: int) -> None:
    """A new process that does its work again: for the door that is to grant."""
    limit = time.monotonic() + BACK_LIMIT_S
    while branch.pid(service) == dead:
        assert time.monotonic() < limit, f"{service} was not started again: {branch.log[-10:]}"
        time.sleep(0.02)
    branch.wait_for("service.started", service=service, after=swiped_after, limit_s=BACK_LIMIT_S)
    if service == "door":
        branch.wait_for("access.granted", after=branch.last_seq("door"), limit_s=BACK_LIMIT_S)


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_comes_back_and_nothing_is_lost(branch: Branch, service: str) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"moments drawn with seed {seed}")
    moments = random.Random(seed)
    first_seq = branch.last_seq("door")
    with witness(branch) as seen, swipes(branch):
        branch.wait_for("access.granted", after=first_seq)
        for _ in range(ROUNDS):
            Flag().wait(moments.uniform(0.0, 1.5))  # the random moment itself, not a hope
            before, dead = branch.last_seq(service), branch.pid(service)
            killed_us, killed_wall_us = boottime_us(), time.time_ns() // 1000
            os.kill(dead, signal.SIGKILL)
            if service == "door":
                the_lock_is_made_safe(branch, killed_us)
            wait_until_back(branch, service, dead, before)
            if service == "recorder":
                the_gap_is_journalled(branch, before, killed_wall_us)

    every_event_stands(branch, seen)
    every_release_was_granted_first(branch)
    assert "altered" not in (report := branch.unlocked("journal", "verify")), report


def the_lock_is_made_safe(branch: Branch, killed_us: int) -> None:
    """Within a second of the door's death, by somebody else: the pulse alone would last far longer."""
    branch.panel.wait(branch.front.lock, False, SAFE_LIMIT_S)
    edges = branch.panel.history(branch.front.lock)
    was_released = any(edge.level for edge in [e for e in edges if e.mono_us < killed_us][-1:])
    if was_released:
        secured = next(edge for edge in edges if edge.mono_us >= killed_us and not edge.level)
        print(f"secured {(secured.mono_us - killed_us) / 1000:.0f} ms after the kill")
        assert secured.mono_us - killed_us < SAFE_LIMIT_S * 1e6


def the_gap_is_journalled(branch: Branch, after: int, killed_wall_us: int) -> None:
    """At most one group of pictures of what had arrived is missing, and the gap says from when to when."""
    resumed_us = max((gap_of(e)[1] for e in branch.events("recorder") if is_gap(e, up_to=after)), default=0)
    gap = branch.wait_for("recording.gap", service="recorder", after=after, limit_s=BACK_LIMIT_S)
    from_us, to_us = gap_of(gap)
    # Killed in the first group after the last death, it had only begun to record again.
    assert -TRANSIT_S * 1e6 <= killed_wall_us - max(from_us, resumed_us) <= (GOP_S + TRANSIT_S) * 1e6
    assert killed_wall_us <= to_us
    footage = FootageReader(branch.paths.footage)
    try:
        kept = footage.segments(CAMERA, 0, from_us)
    finally:
        footage.close()
    last = max(kept, key=lambda segment: segment.end_us)
    assert last.end_us == from_us
    assert (branch.paths.footage_dir / last.name).is_file()


def is_gap(event: Event, up_to: int) -> bool:
    return event.type == "recording.gap" and event.seq <= up_to


def gap_of(event: Event) -> tuple[int, int]:
    """From when to when nothing was recorded, microseconds since 1970 UTC."""
    from_us, to_us = event.data["from_us"], event.data["to_us"]
    assert isinstance(from_us, int)
    assert isinstance(to_us, int)
    return from_us, to_us


def every_event_stands(branch: Branch, seen: dict[tuple[str, str, int], str]) -> None:
    """Whatever a reader has seen is there afterwards, in its place; no journal was begun anew."""
    assert seen
    standing: dict[tuple[str, str, int], str] = {}
    for service, journal_id in branch.journal_ids().items():
        standing |= {(service, journal_id, event.seq): event.id for event in branch.events(service)}
    assert seen.items() <= standing.items()


def every_release_was_granted_first(branch: Branch) -> None:
    """Each time the lock was released, a grant of the moment before stands in the journal."""
    granted = [e.stamp.mono_us for e in branch.events("door") if e.type == "access.granted"]
    releases = [pulse.start_us for pulse in branch.panel.pulses(branch.front.lock)]
    assert releases
    for start_us in releases:
        assert any(start_us - GRANT_TO_LOCK_US < granted_us <= start_us for granted_us in granted)


@pytest.mark.parametrize("frozen", ["recorder", "uplink", "membership"])
def test_a_frozen_neighbour_changes_no_swipe(branch: Branch, frozen: str) -> None:
    pid = branch.pid(frozen)
    os.kill(pid, signal.SIGSTOP)
    try:
        for member in islice(members(), 10):
            before = branch.last_seq("door")
            branch.swipe(member.card)
            granted = branch.wait_for("access.granted", after=before)
            unlocked = branch.wait_for("door.unlocked", after=before)
            assert belongs_to(unlocked, granted)
    finally:
        os.kill(pid, signal.SIGCONT)


def belongs_to(unlocked: Event, granted: Event) -> bool:
    return unlocked.data["grant"] == granted.id


def test_it_all_leaves_in_the_end(branch: Branch) -> None:
    """After all those deaths the receiver has every event of every journal once."""
    assert branch.receiver is not None
    wanted = {event.id for service in SERVICES for event in branch.events(service)}
    receiver = branch.receiver

    def missing() -> set[str]:
        return wanted - {delivered.id for delivered in receiver.events()}

    assert receiver.wait(lambda: not missing(), 60), f"{len(missing())} have not arrived"
    assert not receiver.faults
