from __future__ import annotations

from collections.abc import Sequence

import pytest

from controller.commands.check_zones import zone_hints
from controller.settings.model import Settings
from controller.settings.recording import CameraSettings, Polygon, Zone

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
ALL = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize(
    ("zones", "masks", "keys"),
    [
        ([(LEFT, 50)], [], []),
        ([(LEFT, 50)], [RIGHT], []),
        ([], [ALL], ["zones"]),
        ([(LEFT, 50)], [ALL], ["zones"]),
        ([(LEFT, 50), (RIGHT, 50)], [LEFT], ["zones[1]"]),
        ([(ALL, 50), (RIGHT, 50), (RIGHT, 0)], [], ["zones[2]"]),
    ],
)
def test_zones_of_which_nothing_is_left_are_named(
    settings: Settings, zones: Sequence[tuple[Polygon, int]], masks: Sequence[Polygon], keys: list[str]
) -> None:
    camera = CameraSettings(
        id="hall",
        url="rtsp://a/b",
        own_masks=True,
        masks=tuple(masks),
        zones=tuple(Zone(polygon=polygon, sensitivity=sensitivity) for polygon, sensitivity in zones),
    )
    hints = list(zone_hints(settings.model_copy(update={"cameras": (camera,)})))
    assert [hint.split(":")[0] for hint in hints] == [f"cameras[hall].{key}" for key in keys]
    blind = settings.model_copy(update={"cameras": (camera.model_copy(update={"motion": False}),)})
    assert list(zone_hints(blind)) == []
