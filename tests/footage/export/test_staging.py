"""What is being exported leaves nothing behind when it does not come to its end."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from controller.footage.export.staging import ENDINGS, Staging, hidden


@pytest.mark.parametrize("ending", ENDINGS)
def test_who_logs_out_leaves_no_copy_of_footage(tmp_path: Path, ending: signal.Signals) -> None:
    before = signal.getsignal(ending)

    def exported() -> None:
        with Staging() as staging:
            staging.add(tmp_path / "out.mp4").write_bytes(b"footage")
            os.kill(os.getpid(), ending)

    with pytest.raises(SystemExit) as ended:
        exported()
    assert ended.value.code == 128 + ending
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(ending) is before


def test_what_is_not_published_is_its_owners_alone(tmp_path: Path) -> None:
    with Staging() as staging:
        staging.add(tmp_path / "out.mp4")
        assert hidden(tmp_path / "out.mp4").stat().st_mode & 0o777 == 0o600
