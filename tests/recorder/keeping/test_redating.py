from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from controller.core.hold import DAY_US
from controller.recorder.keeping.redating import redate, set_right
from controller.store.footage import Clip, Footage, Segment

HOUR = 3_600_000_000


def test_footage_of_an_untrusted_clock_is_dated_once_it_can_be(tmp_path: Path, now: Any) -> None:
    footage = Footage.open(tmp_path / "footage.db")
    wrong_us = 1_700_000_000_000_000  # what the clock said
    segment = Segment(
        str(uuid.uuid4()), "entrance", "entrance/a.mp4", wrong_us, wrong_us + 60_000_000,
        now.mono_us - 50_000_000, now.boot_id, False, 1, bytes(32),
    )  # fmt: skip
    earlier = replace(
        segment, id=str(uuid.uuid4()), name="entrance/b.mp4", boot_id="an-earlier-boot", start_mono_us=5
    )
    believed = replace(segment, id=str(uuid.uuid4()), name="entrance/c.mp4", clock_trusted=True)
    for one in (segment, earlier, believed):
        footage.add_segment(one)
    redate(footage, now())
    assert footage.undated() == []
    rows = {row.name: row for row in footage.segments("entrance", 0, 2**60)}
    # In this boot the time since boot tells exactly.
    assert rows["entrance/a.mp4"].start_us == now.wall_us - 50_000_000
    # Of an earlier one it is only known that it is over.
    assert rows["entrance/b.mp4"].end_us == now.wall_us
    assert rows["entrance/c.mp4"] == believed
    footage.close()


def segment_at(start_us: int, mono_us: int, boot_id: str, trusted: bool) -> Segment:
    return Segment(
        str(uuid.uuid4()), "entrance", f"entrance/{start_us}.mp4", start_us, start_us + 60_000_000,
        mono_us, boot_id, trusted, 1, bytes(32),
    )  # fmt: skip


def clip_of(segment: Segment) -> Clip:
    return Clip(
        str(uuid.uuid4()), "entrance", "door", 1, str(uuid.uuid4()),
        segment.start_us + 50_000_000, segment.start_us + 65_000_000,
    )  # fmt: skip


def test_an_earlier_boot_keeps_its_order_and_its_clips(tmp_path: Path, now: Any) -> None:
    footage = Footage.open(tmp_path / "footage.db")
    first, second = (
        segment_at(1_000_000 + n * 60_000_000, 5_000_000 + n * 60_000_000, "earlier", False) for n in range(2)
    )
    for segment in (first, second):
        footage.add_segment(segment)
    clip = clip_of(first)  # over both
    footage.add_clip(clip)
    redate(footage, now())
    rows = footage.segments("entrance", 0, 2**60)
    assert [row.id for row in rows] == [first.id, second.id]
    assert rows[0].end_us == rows[1].start_us
    assert rows[1].end_us == now.wall_us
    (moved,) = footage.clips()
    assert moved.start_us - rows[0].start_us == 50_000_000
    assert moved.end_us - moved.start_us == 15_000_000
    footage.drop([])  # which forgets clips without pictures
    assert footage.clips() == [moved]
    footage.close()


def test_footage_of_a_clock_that_was_believed_and_wrong_is_set_right(tmp_path: Path, now: Any) -> None:
    """Forty days ahead it would stay for too long, forty days behind it would go too soon."""
    footage = Footage.open(tmp_path / "footage.db")
    true_us = now.wall_us - 60_000_000
    mono_us = now.mono_us - 60_000_000
    for days in (40, -40, 0):
        footage.add_segment(segment_at(true_us + days * DAY_US, mono_us, now.boot_id, True))
    other = segment_at(true_us + 1, mono_us, "another-boot", True)
    footage.add_segment(other)
    set_right(footage, now())
    assert [row.start_us for row in footage.segments("entrance", 0, 2**60)].count(true_us) == 3
    assert footage.by_ids([other.id]) == [other]
    footage.close()
