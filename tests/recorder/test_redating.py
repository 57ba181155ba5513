from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from controller.recorder.redating import redate
from controller.store.footage import Footage, Segment

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
