"""What an evening came to, from three independent witnesses: journals, the lock's pin, and the receiver.

Here: counting, and comparing with what a scenario expects. Never here: printing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from controller.core.event import Event, EventType
from controller.settings.paths import JOURNALS
from controller.store.footage import FootageReader
from simulator.branch import Branch
from simulator.scenario import Planted, Scenario

PULSE_SLACK_S = 0.5
"""A lock pulse may seem so much longer than set on a machine that is busy with everything else."""
LOOK_S = 0.05
SETTLE_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class Report:
    """swipes: whatever was read at the reader. pulses_s, clips_s: lengths in seconds, in order.

    footage: of what was planted, how many pieces were kept, destroyed or held. journalled, delivered:
    events by service; delivered is None without a broker.
    """

    swipes: int
    grants: int
    refusals: Mapping[str, int]
    pulses_s: tuple[float, ...]
    clips_s: tuple[float, ...]
    footage: Mapping[str, int]
    journalled: Mapping[str, int]
    delivered: Mapping[str, int] | None
    duplicates: int
    faults: tuple[str, ...]


def settle(branch: Branch, clips: int) -> None:
    """Wait until so many clips are there; at the limit, go on."""
    limit = time.monotonic() + SETTLE_LIMIT_S
    while len(_clips(branch)) < clips and time.monotonic() < limit:
        time.sleep(LOOK_S)


def count(branch: Branch, planted: Mapping[Planted, Path]) -> Report:
    """The report of this moment: what is journalled by now, and what of that arrives."""
    journalled = _journalled(branch)
    delivered = _delivered(branch, journalled)
    door = branch.events("door")
    receiver = branch.receiver
    return Report(
        swipes=sum(1 for event in door if event.type in ANSWERS),
        grants=sum(1 for event in door if event.type is EventType.ACCESS_GRANTED),
        refusals=_refusals(door),
        pulses_s=tuple(pulse.duration_s for pulse in branch.panel.pulses(branch.front.lock)),
        clips_s=tuple(_clips(branch)),
        footage=Counter(_became(piece, path) for piece, path in planted.items()),
        journalled=journalled,
        delivered=delivered,
        duplicates=receiver.duplicates if receiver else 0,
        faults=tuple(receiver.faults) if receiver else (),
    )


ANSWERS = (EventType.ACCESS_GRANTED, EventType.ACCESS_REFUSED, EventType.ACCESS_NOT_NEEDED)


def differences(report: Report, scenario: Scenario, pulse_s: float, *, camera: bool) -> Iterator[str]:
    """What is not as the scenario expects, a line each."""
    totals = scenario.totals
    for name, found, expected in (
        ("swipes", report.swipes, totals.swipes),
        ("grants", report.grants, totals.grants),
        ("refusals", dict(report.refusals), dict(totals.refusals)),
        ("lock pulses", len(report.pulses_s), totals.pulses),
        ("footage", dict(report.footage), dict(Counter(p.becomes for p in scenario.footage if camera))),
    ):
        if found != expected:
            yield f"{name}: {expected} expected, {found} found"
    if too_long := [length for length in report.pulses_s if length > pulse_s + PULSE_SLACK_S]:
        yield f"lock pulses: {pulse_s:g} s allowed, {max(too_long):.1f} s found"
    if camera and len(report.clips_s) < totals.clips:
        yield f"clips: at least {totals.clips} expected, {len(report.clips_s)} found"
    if report.delivered is not None and report.delivered != report.journalled:
        yield f"events: {dict(report.journalled)} journalled, {dict(report.delivered)} delivered"
    yield from (f"delivered: {fault}" for fault in report.faults)


def _refusals(events: list[Event]) -> Mapping[str, int]:
    return Counter(str(event.data["reason"]) for event in events if event.type is EventType.ACCESS_REFUSED)


def _became(piece: Planted, path: Path) -> str:
    if not path.exists():
        return "destroyed"
    # Whether it is there because of the hold is for the scenario's author to arrange: it is due without.
    return "held" if piece.becomes == "held" else "kept"


def _clips(branch: Branch) -> list[float]:
    reader = FootageReader(branch.paths.footage)
    try:
        return [(clip.end_us - clip.start_us) / 1e6 for clip in reader.clips()]
    finally:
        reader.close()


def _journalled(branch: Branch) -> Mapping[str, int]:
    counts = {service: branch.last_seq(service) for service in JOURNALS}
    return {service: count for service, count in counts.items() if count}


def _delivered(branch: Branch, journalled: Mapping[str, int]) -> Mapping[str, int] | None:
    """How many of these events have arrived, waited for until the limit."""
    receiver = branch.receiver
    if receiver is None:
        return None

    def arrived() -> dict[str, int]:
        return dict(
            Counter(
                event.service for event in receiver.events() if event.seq <= journalled.get(event.service, 0)
            )
        )

    receiver.wait(lambda: arrived() == journalled, SETTLE_LIMIT_S)
    return arrived()
