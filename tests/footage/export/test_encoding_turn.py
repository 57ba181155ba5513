from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from controller.footage.export.encoding_turn import encoding_turn


def test_one_film_is_encoded_at_a_time(tmp_path: Path) -> None:
    happened: list[str] = []
    waits = threading.Event()

    def second() -> None:
        with encoding_turn(tmp_path / "lock", waits.set):
            happened.append("second")

    other = threading.Thread(target=second)
    with encoding_turn(tmp_path / "lock", lambda: happened.append("waited for nobody")):
        other.start()
        assert waits.wait(10)
        happened.append("first")
    other.join(10)
    assert happened == ["first", "second"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_roots_turn_locks_nobody_out(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12346)
    with encoding_turn(tmp_path / "lock", lambda: None):
        found = (tmp_path / "lock").stat()
    assert (found.st_uid, found.st_gid) == (12345, 12346)
