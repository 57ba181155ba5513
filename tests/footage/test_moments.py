from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.event import Event, EventType, JsonValue, Stamp, event_id
from controller.footage.export.missing import explained
from controller.footage.moments import Place, gaps, place_of
from controller.footage.segment_name import SegmentName
from controller.store.footage import Segment

SECOND = 1_000_000
T0 = 1_790_000_000_000_000


def segment(name: SegmentName, number: int, moved_us: int = 0) -> Segment:
    """A minute of footage. moved_us: by how much its row was set right later."""
    named = replace(name, start_us=T0 + number * 60 * SECOND)
    start_us = named.start_us + moved_us
    return Segment(
        named.segment_id,
        "entrance",
        named.relative,
        start_us,
        start_us + 60 * SECOND,
        1,
        "boot",
        True,
        1,
        bytes(32),
    )


@pytest.mark.parametrize("moved_us", [0, 3600 * SECOND, -86_400 * SECOND])
def test_an_event_is_found_in_its_segment_also_once_the_clock_was_set_right(
    name: SegmentName, moved_us: int
) -> None:
    segments = [segment(name, number, moved_us) for number in range(3)]
    happened = event_id(T0 + 75 * SECOND, 7)
    assert place_of(happened, segments) == Place(segments[1], 15 * SECOND)


def test_what_was_not_recorded_has_no_place(name: SegmentName) -> None:
    segments = [segment(name, 0), segment(name, 2)]
    assert place_of(event_id(T0 + 75 * SECOND, 7), segments) is None
    assert place_of("no id of ours", segments) is None


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        ([], [(0, 100)]),
        ([(0, 100)], []),
        ([(-5, 50), (50, 105)], []),
        ([(0, 40), (60, 100)], [(40, 60)]),
        ([(60, 100), (0, 40)], [(40, 60)]),
        ([(10, 90)], [(0, 10), (90, 100)]),
        ([(0, 80), (10, 20), (90, 100)], [(80, 90)]),
        ([(0, 50), (51, 100)], []),
    ],
)
def test_gaps_are_what_nothing_covers(shown: list[tuple[int, int]], missing: list[tuple[int, int]]) -> None:
    def us(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return [(begin * SECOND, end * SECOND) for begin, end in stretches]

    assert list(gaps(0, 100 * SECOND, us(shown))) == us(missing)


def event(kind: EventType, at_s: int, camera: str = "entrance", **data: JsonValue) -> Event:
    return Event(1, event_id(T0, 1), kind, Stamp(T0 + at_s * SECOND, 1, "boot", True), camera, data)


def test_each_gap_has_the_cause_that_covers_most_of_it() -> None:
    def gap(begin_s: int, end_s: int, cause: str, camera: str = "entrance") -> Event:
        times: dict[str, JsonValue] = {"from_us": T0 + begin_s * SECOND, "to_us": T0 + end_s * SECOND}
        return event(EventType.RECORDING_GAP, end_s, camera, **times, cause=cause)

    events = [
        gap(0, 12, "camera_lost"),
        gap(12, 14, "disk_fault"),
        gap(0, 1000, "service_stopped", "yard"),
        event(EventType.RECORDING_PAUSED, 100, cause="quiet"),
        event(EventType.RECORDING_RESUMED, 210, cause="motion", from_us=T0 + 200 * SECOND),
        event(EventType.RECORDING_PAUSED, 300, cause="hours"),
    ]
    asked = [(10, 14), (2, 14), (150, 160), (200, 210), (250, 260), (400, 500)]
    found = explained([(T0 + b * SECOND, T0 + e * SECOND) for b, e in asked], "entrance", events)
    assert [one.cause for one in found] == [
        "camera_lost",
        "camera_lost",
        "paused: quiet",
        None,
        None,
        "paused: hours",
    ]
