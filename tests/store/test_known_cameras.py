"""What is known of a camera outlives a restart, until somebody asks for it to be learnt anew."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.store.footage import Footage, Segment
from controller.store.known_cameras import KnownCamera

ASKED = str(uuid.UUID(int=7))
KNOWN = KnownCamera("entrance", "", bytes(1800), b"\xff" * 1800, (150, 900))


@pytest.fixture
def footage(tmp_path: Path) -> Iterator[Footage]:
    opened = Footage.open(tmp_path / "footage.db")
    yield opened
    opened.close()


def test_it_is_kept_across_a_restart(footage: Footage, tmp_path: Path) -> None:
    assert footage.known_cameras.find("entrance") == KnownCamera("entrance")
    footage.known_cameras.keep(KNOWN)
    footage.known_cameras.keep(replace(KNOWN, usual_kbps=(1,)))
    footage.close()
    again = Footage.open(tmp_path / "footage.db")
    assert again.known_cameras.find("entrance") == replace(KNOWN, usual_kbps=(1,))
    assert again.known_cameras.find("yard") == KnownCamera("yard")
    again.close()


def test_what_was_learnt_before_somebody_asked_is_not_kept_after(footage: Footage) -> None:
    footage.known_cameras.keep(KNOWN)
    assert footage.known_cameras.forget("entrance", ASKED)
    assert footage.known_cameras.find("entrance") == KnownCamera("entrance", ASKED)
    assert not footage.known_cameras.forget("entrance", ASKED)
    footage.known_cameras.keep(KNOWN)
    assert footage.known_cameras.find("entrance").colour_view is None
    footage.known_cameras.keep(replace(KNOWN, asked=ASKED))
    assert footage.known_cameras.find("entrance").colour_view == KNOWN.colour_view


def test_what_is_known_of_a_camera_that_is_gone_goes_with_its_last_footage(footage: Footage) -> None:
    footage.known_cameras.keep(KNOWN)
    footage.known_cameras.keep(replace(KNOWN, camera="yard"))
    footage.known_cameras.keep(replace(KNOWN, camera="hall"))
    segment = Segment(str(uuid.UUID(int=8)), "hall", "hall/1.mp4", 1, 2, 1, "boot", True, 3, bytes(32))
    footage.add_segment(segment)
    assert footage.known_cameras.drop_gone(["entrance"]) == 1
    assert footage.known_cameras.find("yard") == KnownCamera("yard")
    footage.drop([segment])
    assert footage.known_cameras.drop_gone(["entrance"]) == 1
    assert footage.known_cameras.find("entrance") == KNOWN
