"""Parameter sets out of hand-made streams; the types are those of ITU-T H.264 and H.265, table 7-1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.parameter_sets import annex_b, completed, holds_slice, parameter_sets

VPS, SPS, PPS = b"\x40\1v", b"\x42\1s", b"\x44\1p"
SEI, IDR = b"\x4e\1e", b"\x26\1slice"


@pytest.mark.parametrize(
    ("stream", "sets"),
    [
        (annex_b((VPS, SPS, PPS, SEI, IDR)), (VPS, SPS, PPS)),
        (b"\0\0\1" + SPS + b"\0\0\0\1" + PPS + b"\0\0\0\0\1" + IDR, (SPS, PPS)),
        (annex_b((IDR, PPS)), ()),  # what comes after a slice is not looked for
        (annex_b((SPS,)), (SPS,)),
        (b"", ()),
        (b"\0\0\1", ()),
        (b"\0\0\1\0\0\1\0\0\1", ()),
        (SPS, ()),
    ],
)
def test_they_are_found_before_the_first_slice(stream: bytes, sets: tuple[bytes, ...]) -> None:
    assert parameter_sets(stream, "hevc") == sets


@given(st.lists(st.sampled_from([b"\0\0\1", b"\0", b"\1", VPS, SPS, PPS, IDR, b"\xff"])).map(b"".join))
def test_no_stream_upsets_it(stream: bytes) -> None:
    for codec in ("h264", "hevc"):
        for nal in parameter_sets(stream, codec):
            assert nal in stream


def test_h264_too() -> None:
    sps, pps, sei, idr = b"\x67s", b"\x68p", b"\x06e", b"\x65slice"
    assert parameter_sets(annex_b((sps, pps, sei, idr)), "h264") == (sps, pps)
    assert holds_slice(annex_b((sps, pps, idr)), "h264")
    assert not holds_slice(annex_b((sps, pps, sei)), "h264")


def test_what_the_picture_carries_counts_for_more_than_what_was_said() -> None:
    other = b"\x42\1other"
    assert completed((VPS, SPS, PPS), (other,), "hevc") == (VPS, other, PPS)
    assert completed((VPS, SPS, PPS), (), "hevc") == (VPS, SPS, PPS)
    assert completed((), (PPS, VPS, SPS, VPS), "hevc") == (VPS, SPS, PPS)
