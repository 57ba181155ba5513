"""For tests of what is done with footage: six seconds in which a square crosses the picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from controller.footage.segment_name import SegmentName
from simulator.camera.square import Video, encode

BOOT = "b0075f2c-0000-4000-8000-1b2c3d4e5f60"


@pytest.fixture(scope="session")
def encoded() -> Callable[..., Video]:
    return encode


@pytest.fixture(scope="session")
def video() -> Video:
    return encode([n * 4 % 280 for n in range(60)])


@pytest.fixture(scope="session")
def hevc() -> Video:
    return encode([n * 4 % 280 for n in range(60)], "hevc")


@pytest.fixture
def name() -> SegmentName:
    return SegmentName("entrance", 1_790_000_000_000_000, 5_000_000, BOOT, True)
