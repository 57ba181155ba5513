"""What a camera sees, for people at a terminal and for programs: a bar for each zone, a line, or JSON.

Shares are of the whole picture. Never here: cameras.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from controller.core.camera_health import DARK_LEVEL, NOTHING_SHOWN, VIEW_LOST, Figures, explained_by
from controller.recorder.watching.motion import Seen, ZoneSeen

HALF = 12
"""Characters of a bar from its beginning to the mark, where motion counts."""


def state(seen: Seen) -> str:
    if seen.learning:
        return "learning what the view is when nothing moves"
    if seen.light:
        return "the light changed"
    return "MOTION" if seen.moving else "nothing moves"


def name(number: int) -> str:
    return f"zone {number}" if number else "everywhere"


def bars(seen: Seen, most: Mapping[int, float], *, plain: bool) -> list[str]:
    """A line for each zone. most: the largest share lately, by zone. plain: in ASCII alone."""
    return [
        f"  {name(zone.number):<10}  {_bar(zone, plain)}  {zone.share:7.2%}  counts from {zone.needed:.2%}"
        f"  most {most.get(zone.number, 0.0):.2%}"
        for zone in seen.zones
    ]


def _bar(zone: ZoneSeen, plain: bool) -> str:
    """The mark is in the middle; the bar reaches it when it counts, and its end at infinity."""
    full, mark, empty = ("#", "|", ".") if plain else ("█", "┃", "·")
    filled = round(2 * HALF * zone.share / (zone.share + zone.needed))
    cells = full * filled + empty * (2 * HALF - filled)
    return cells[:HALF] + mark + cells[HALF:]


def most_of(pictures: Sequence[Seen]) -> dict[int, float]:
    """The largest share of each zone in these pictures."""
    largest: dict[int, float] = {}
    for seen in pictures:
        for zone in () if seen.learning or seen.light else seen.zones:
            largest[zone.number] = max(zone.share, largest.get(zone.number, 0.0))
    return largest


def line(pictures: Sequence[Seen], figures: Figures | None = None) -> str:
    """What these pictures together come to. There is at least one."""
    fault = None if figures is None else explained_by(figures)
    last, most = pictures[-1], most_of(pictures)
    said = next((state(seen) for seen in pictures if seen.moving), state(last))
    zones = [
        f"{name(zone.number)} {most.get(zone.number, 0.0):.2%} of {zone.needed:.2%}" for zone in last.zones
    ]
    return "  ".join([*zones, said, *([fault.value] if fault else [])])


def health(figures: Figures) -> list[str]:
    """What a picture says of the camera's health, and from what on each would be a fault."""
    view = "not learnt yet"
    if figures.kept is not None:
        view = f"{figures.kept:.0%} as learnt{', but elsewhere' if figures.elsewhere else ''}"
    fault = explained_by(figures)
    return [
        f"  light {figures.light:.0f} of 255 (dark below {DARK_LEVEL:.0f})"
        f"  edges in {figures.shown:.0%} (covered below {NOTHING_SHOWN:.0%})",
        f"  view {view} (moved below {VIEW_LOST:.0%})"
        f"  {'nothing is wrong with the picture' if fault is None else f'the picture is {fault.value}'}",
    ]


def as_json(seen: Seen, figures: Figures, wall_us: int) -> str:
    fault = explained_by(figures)
    return json.dumps(
        {
            "wall_us": wall_us,
            "moving": seen.moving,
            "learning": seen.learning,
            "light": seen.light,
            "zones": [
                {
                    "zone": zone.number,
                    "share": round(zone.share, 6),
                    "needed": round(zone.needed, 6),
                    "moving": zone.moving,
                }
                for zone in seen.zones
            ],
            "light_level": round(figures.light, 1),
            "edges": round(figures.shown, 3),
            "view_kept": None if figures.kept is None else round(figures.kept, 3),
            "fault": None if fault is None else fault.value,
        }
    )
