"""What is to be exported, and what came of it, for those, too, who have no decoder at hand."""

from __future__ import annotations

from dataclasses import dataclass

from controller.footage.export.manifest import Corners, FilmFile


@dataclass(frozen=True, slots=True)
class Wanted:
    """begins_us, ends_us: wall time. masks: to be filled in. encode: as H.264, whatever the camera sent.

    damaged: also what is no longer as it was recorded, as far as it can be read.
    """

    begins_us: int
    ends_us: int
    masks: tuple[Corners, ...] = ()
    encode: bool = False
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """gaps: beginnings and ends, wall time, of what was wanted and is not there."""

    films: tuple[FilmFile, ...]
    gaps: tuple[tuple[int, int], ...]
