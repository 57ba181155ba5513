"""What is known of a camera outlives a restart, until somebody asks for it to be learnt anew."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.store.footage import Footage
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
