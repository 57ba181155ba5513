from __future__ import annotations

from controller.devices import VideoPacket
from controller.recorder.timeline import Timeline

TICKS = 9_000  # ten pictures a second
STEP = 100_000


def placed(stamps: list[int], arrivals: list[int] | None = None) -> tuple[list[int], list[bool]]:
    timeline = Timeline()
    arrivals = arrivals or [n * STEP for n in range(len(stamps))]
    results = [
        timeline.place(VideoPacket(b"", dts, dts, False), arrival)
        for dts, arrival in zip(stamps, arrivals, strict=True)
    ]
    return [packet.dts for packet, _ in results], [jumped for _, jumped in results]


def test_regular_stamps_pass_unchanged() -> None:
    stamps = [5_000 + n * TICKS for n in range(20)]
    assert placed(stamps) == (stamps, [False] * 20)


def test_a_jump_either_way_is_closed_and_noticed() -> None:
    for jump in (-90_000 * 3600, 90_000 * 3600):
        stamps = [n * TICKS + (jump if n >= 5 else 0) for n in range(10)]
        dts, jumped = placed(stamps)
        assert dts == [n * TICKS for n in range(10)]
        assert jumped == [n == 5 for n in range(10)]


def test_a_burst_after_a_stalled_network_is_no_jump() -> None:
    stamps = [n * TICKS for n in range(100)]
    arrivals = [n * STEP if n < 10 else max(n, 70) * STEP for n in range(100)]
    assert placed(stamps, arrivals) == (stamps, [False] * 100)


def test_repeated_and_falling_stamps_still_rise() -> None:
    dts, jumped = placed([0, 9_000, 9_000, 8_000, 18_000])
    assert dts == [0, 9_000, 9_001, 9_002, 18_000]
    assert not any(jumped)
