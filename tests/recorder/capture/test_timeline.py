from __future__ import annotations

import pytest

from controller.devices import VideoPacket
from controller.recorder.capture.timeline import Timeline

TICKS = 9_000  # ten pictures a second
STEP = 100_000
Placed = tuple[list[int], list[bool]]


def placed(stamps: list[int], arrivals: list[int] | None = None, keyframes: int = 1) -> Placed:
    """The stamps on the line, and where a jump was seen. keyframes: each how many packets one comes."""
    timeline = Timeline()
    arrivals = arrivals or [n * STEP for n in range(len(stamps))]
    line, jumps = [], []
    for number, (dts, arrival) in enumerate(zip(stamps, arrivals, strict=True)):
        packet = VideoPacket(b"", dts + 5, dts, number % keyframes == 0)
        jumped = False
        if packet.keyframe or not timeline.goes_on(packet):
            jumped = timeline.place(packet, arrival)
        on_line = timeline.on_the_line(packet)
        assert on_line.pts == on_line.dts + 5
        assert on_line.dts == timeline.last_dts
        line.append(on_line.dts)
        jumps.append(jumped)
    return line, jumps


@pytest.mark.parametrize("keyframes", [1, 7, 99])
def test_regular_stamps_pass_unchanged(keyframes: int) -> None:
    stamps = [5_000 + n * TICKS for n in range(20)]
    assert placed(stamps, keyframes=keyframes) == (stamps, [False] * 20)


@pytest.mark.parametrize("keyframes", [1, 7, 99])
def test_a_jump_either_way_is_closed_and_noticed(keyframes: int) -> None:
    for jump in (-90_000 * 3600, 90_000 * 3600):
        stamps = [n * TICKS + (jump if n >= 5 else 0) for n in range(10)]
        dts, jumped = placed(stamps, keyframes=keyframes)
        assert dts == [n * TICKS for n in range(10)]
        assert jumped == [n == 5 for n in range(10)]


@pytest.mark.parametrize("keyframes", [1, 7, 99])
def test_a_burst_after_a_stalled_network_is_no_jump(keyframes: int) -> None:
    stamps = [n * TICKS for n in range(100)]
    arrivals = [n * STEP if n < 10 else max(n, 70) * STEP for n in range(100)]
    assert placed(stamps, arrivals, keyframes) == (stamps, [False] * 100)


def test_repeated_and_falling_stamps_still_rise() -> None:
    dts, jumped = placed([0, 9_000, 9_000, 8_000, 18_000])
    assert dts == [0, 9_000, 9_001, 9_002, 19_002]
    assert not any(jumped)
