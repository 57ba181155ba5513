"""The whole index from nothing but the folder: every row as it was, at the right camera."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from controller.core.event import EventType
from controller.store.footage import Footage, Segment

CAMERAS = ["a", "a-b", "a-b-c", "b", "b2", "camera-1", "camera-10", "entrance"]
"""Names that begin like others, and what a name could be cut at."""


def rows(rig: Any) -> dict[str, Segment]:
    footage = Footage.open(rig.root / "footage.db")
    found = {row.id: row for camera in CAMERAS for row in footage.segments(camera, 0, 2**60)}
    footage.close()
    return found


def test_the_index_of_eight_cameras_is_built_again_from_the_folder(
    rig: Any, video: Any, now: Any, scripted: Any
) -> None:
    """Recorded at the same time, in two boots."""
    for boot in ("one", "two"):
        now.boot_id = f"boot-{boot}"
        rig.cameras = {camera: rig.once(scripted(video, now)) for camera in CAMERAS}
        with rig.running():
            rig.wait(EventType.CAMERA_LOST, count=len(CAMERAS) * (1 if boot == "one" else 2))
        now.sleep(100)
    before = rows(rig)
    assert {row.camera for row in before.values()} == set(CAMERAS)
    assert {row.boot_id for row in before.values()} == {"boot-one", "boot-two"}

    for file in rig.root.glob("footage.db*"):
        file.unlink()
    rig.cameras = {}
    with rig.running():
        rig.wait(EventType.SERVICE_STARTED, count=3)
        rig.until(lambda: rows(rig), lambda found: len(found) == len(before))
    after = rows(rig)
    # Eight cameras move one clock here, so that a segment's end says less than how long it plays.
    assert all(row.end_us > row.start_us for row in after.values())
    assert {id_: replace(row, recovered=False, end_us=0) for id_, row in after.items()} == {
        id_: replace(row, end_us=0) for id_, row in before.items()
    }
