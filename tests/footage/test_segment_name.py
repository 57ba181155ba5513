from __future__ import annotations

from dataclasses import replace

import pytest

from controller.footage.segment_name import SegmentName


def test_a_name_reads_back_to_what_it_was_made_of(name: SegmentName) -> None:
    assert name.relative == (
        "entrance/entrance_20260921T141320000000Z_b0075f2c-0000-4000-8000-1b2c3d4e5f60_5000000_t.mp4"
    )
    untrusted = replace(name, clock_trusted=False, start_us=name.start_us + 1)
    assert SegmentName.parse(name.relative) == name
    assert SegmentName.parse(untrusted.relative) == untrusted
    assert untrusted.segment_id != name.segment_id == replace(name).segment_id


@pytest.mark.parametrize(
    "foreign",
    [
        "entrance/holiday.mp4",
        "entrance_20260921T141320000000Z_b_5_t.mp4",
        "other/entrance_20260921T141320000000Z_b_5_t.mp4",
        "entrance/deeper/entrance_20260921T141320000000Z_b_5_t.mp4",
        "entrance/entrance_20261321T141320000000Z_b_5_t.mp4",
        "entrance/entrance_20260921T141320000000Z_b_5_t.mp4.bak",
        "../entrance_20260921T141320000000Z_b_5_t.mp4",
        "entrance/entrance_00260921T141320000000Z_b_5_t.mp4",
        "entrance/entrance_20260921T141320000000Z_b_05_t.mp4",
        "entrance/entrance_2026092\u0661T141320000000Z_b_5_t.mp4",
    ],
)
def test_a_foreign_name_is_not_read(foreign: str) -> None:
    assert SegmentName.parse(foreign) is None
