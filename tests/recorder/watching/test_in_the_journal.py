"""What is wrong with a camera, and what is learnt of it, in the books of the recorder as a whole."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

from controller.core.event import EventType
from controller.recorder.watching.view import LEARNING_LOOKS
from controller.store.footage import Footage

STARTED, ENDED = EventType.CAMERA_FAULT_STARTED, EventType.CAMERA_FAULT_ENDED


def film(video: Any, pictures: int) -> Any:
    """The first keyframe again and again, a second apart."""
    packets = [replace(video.packets[0], pts=n * 90_000, dts=n * 90_000) for n in range(pictures)]
    return replace(video, packets=packets)


def test_a_fault_is_journalled_once_over_a_restart_and_ends_once(
    rig: Any, encoded: Callable[..., Any], now: Any, scripted: Any
) -> None:
    live = encoded([None] * 300)
    frozen = film(live, 30)

    def second(_: int) -> None:
        now.sleep(0.9)

    rig.cameras = {"entrance": rig.once(scripted(frozen, now, between=second))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    rig.cameras = {"entrance": rig.once(scripted(frozen, now, between=second))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST, count=2)
    rig.cameras = {"entrance": rig.once(scripted(live, now))}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST, count=3)
    told = [(event.type, event.subject, event.data) for event in rig.events(STARTED, ENDED)]
    assert told == [(kind, "entrance", {"fault": "frozen"}) for kind in (STARTED, ENDED)]


def test_a_learnt_view_is_journalled_and_kept(
    rig: Any, encoded: Callable[..., Any], now: Any, scripted: Any
) -> None:
    live = encoded([None] * 20)
    pictures = film(live, LEARNING_LOOKS * 5 + 5)
    # Two live pictures by turns: the camera is not frozen.
    by_turns = [
        replace(live.packets[10 * (n // 5 % 2)], pts=packet.pts, dts=packet.dts)
        for n, packet in enumerate(pictures.packets)
    ]
    camera = scripted(replace(pictures, packets=by_turns), now, between=lambda _: now.sleep(0.9))
    rig.cameras = {"entrance": rig.once(camera)}
    with rig.running():
        rig.wait(EventType.CAMERA_LOST)
    (learnt,) = rig.events(EventType.CAMERA_REFERENCE_LEARNT)
    assert (learnt.subject, learnt.data) == ("entrance", {"view": "grey", "usable": True})
    assert rig.events(STARTED) == []
    with closing(Footage.open(rig.root / "footage.db")) as footage:
        assert footage.known_cameras.find("entrance").grey_view is not None
