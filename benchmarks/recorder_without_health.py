"""``unlocked recorder`` as it ships, but for one thing: it looks at no picture for the camera's health.

Shows what of its cost is copying, hashing and syncing, which is all that ffmpeg's is. Never a way to record.
"""

from __future__ import annotations

from controller.commands.main import main
from controller.core.event import Stamp
from controller.recorder.watching.health import Between, HealthWatch


def _keyframe(self: HealthWatch, size: int, between: Between, stamp_us: int, now: Stamp) -> bool:  # noqa: ARG001 -- a method's place
    return False


if __name__ == "__main__":
    HealthWatch.keyframe = _keyframe  # type: ignore[method-assign]
    main()
