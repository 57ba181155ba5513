"""The disk of the footage that is mounted, is not, and comes back. Mounts are imagined here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType
from controller.recorder import service
from controller.recorder.keeping.footage_disk import FootageDisk


class Mounts:
    """What is mounted; the root always is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.points: set[Path] = set()
        monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) in {*self.points, Path("/")})


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> Mounts:
    return Mounts(monkeypatch)


def test_a_disk_that_was_there_and_is_not_is_missed(tmp_path: Path, mounts: Mounts) -> None:
    folder = tmp_path / "srv" / "footage"
    folder.mkdir(parents=True)
    disk = FootageDisk(folder, tmp_path / "known")
    mounts.points = {tmp_path / "srv"}
    assert disk.missing() is None, "nothing is known yet"
    disk.remember()
    assert disk.missing() is None
    mounts.points = set()
    assert str(tmp_path / "srv") in str(disk.missing())
    assert f"delete {tmp_path / 'known'}" in str(disk.missing())


def test_a_disk_that_is_new_and_a_folder_that_is_another_are_no_fault(tmp_path: Path, mounts: Mounts) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    FootageDisk(tmp_path / "one", tmp_path / "known").remember()
    mounts.points = {tmp_path / "one"}
    disk = FootageDisk(tmp_path / "one", tmp_path / "known")
    assert disk.missing() is None
    disk.remember()
    assert FootageDisk(tmp_path / "two", tmp_path / "known").missing() is None


def test_what_cannot_be_remembered_is_no_fault(tmp_path: Path, mounts: Mounts) -> None:
    mounts.points = {tmp_path}
    FootageDisk(tmp_path, tmp_path / "gone" / "known").remember()
    (tmp_path / "known").write_bytes(b"\xff\n\xfe")
    assert FootageDisk(tmp_path, tmp_path / "known").missing() is None


def test_nothing_is_recorded_until_the_disk_is_there(
    rig: Any, video: Any, now: Any, scripted: Any, mounts: Mounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "DISK_S", 0.01)
    mounts.points = {rig.folder}
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    recorded = rig.rows()
    assert recorded

    hidden = rig.folder.rename(rig.root / "hidden")
    rig.folder.mkdir()
    mounts.points = set()
    rig.cameras = {"entrance": rig.once(scripted(video, now))}
    with rig.running():
        (stopped,) = rig.wait(EventType.RECORDING_STOPPED)
        assert stopped.data["cause"] == "disk_missing"
        rig.go_round()
        assert not any(rig.folder.iterdir())
        rig.folder.rmdir()
        hidden.rename(rig.folder)
        mounts.points = {rig.folder}
        rig.wait(EventType.CAMERA_LOST, count=2)
    assert rig.rows()[: len(recorded)] == recorded
    gap = rig.events(EventType.RECORDING_GAP)[-1]
    assert gap.data["cause"] == "disk_missing"


def test_a_recorder_that_waits_for_its_disk_can_be_stopped(rig: Any, mounts: Mounts) -> None:
    mounts.points = {rig.folder}
    with rig.running():
        rig.go_round()
    mounts.points = set()
    with rig.running():
        rig.wait(EventType.RECORDING_STOPPED)
    assert [event.type for event in rig.events()][-1] is EventType.SERVICE_STOPPED
