"""What ``unlocked check`` sees in the zones of cameras: those in which motion can never be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.settings.model import Settings


def zone_hints(settings: Settings) -> Iterator[str]:
    """A line each."""
    # Only then is anything hidden, and only then are the libraries that draw it worth their loading.
    hiding = [
        camera
        for camera in settings.cameras
        if camera.motion and (camera.masks or any(not zone.sensitivity for zone in camera.zones))
    ]
    if not hiding:
        return
    from controller.recorder.watching.zones import view_of

    for camera in hiding:
        looked_at = {area.number for area in view_of(camera).areas}
        if not looked_at:
            yield (
                f"cameras[{camera.id}].zones: masks and zones of sensitivity 0 leave nothing in which motion "
                "could be seen; make them smaller, or set motion = false"
            )
            continue
        for number, zone in enumerate(camera.zones, start=1):
            if zone.sensitivity and number not in looked_at:
                yield (
                    f"cameras[{camera.id}].zones[{number}]: masks and zones of sensitivity 0 cover it; "
                    "move it or remove it"
                )
