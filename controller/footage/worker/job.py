"""What is asked of the process that works on pictures, and what it answers: a line of JSON each.

Never here: decoders, so that whoever asks needs none.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from controller.footage.export.manifest import Corners, FilmFile
from controller.footage.export.wanted import Exported, Wanted
from controller.store.footage import Segment
from controller.store.footage_rows import SegmentState

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes. A day's footage of one camera comes to less than half of it."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """What is drawn into a picture for whoever sets the camera up. zones: with the sensitivity of each.

    caption: ASCII.
    """

    zones: tuple[tuple[Corners, int], ...]
    caption: str


@dataclass(frozen=True, slots=True)
class StillJob:
    """One picture as a PNG. offset_us: from the beginning of the file. masks: to be filled in.

    set_up: makes it a JPEG that is drawn into; None: it is as it was recorded.
    """

    file: Path
    offset_us: int
    masks: tuple[Corners, ...]
    set_up: SetUp | None = None


@dataclass(frozen=True, slots=True)
class FilmJob:
    """``target``, and files beside it if it takes several films.

    turn: the lock of whoever encodes; None where nothing is to be encoded.
    """

    wanted: Wanted
    segments: tuple[Segment, ...]
    folder: Path
    target: Path
    turn: Path | None


@dataclass(frozen=True, slots=True)
class Progress:
    """done, of: files of footage. waits: somebody else is encoding a film."""

    done: int
    of: int
    waits: bool = False


def dump_job(job: StillJob | FilmJob) -> bytes:
    if isinstance(job, StillJob):
        said: dict[str, object] = {
            "still": {
                "file": str(job.file),
                "offset_us": job.offset_us,
                "masks": job.masks,
                "set_up": asdict(job.set_up) if job.set_up else None,
            }
        }
    else:
        segments = [asdict(one) | {"sha256": one.sha256.hex()} for one in job.segments]
        said = {
            "film": {
                "wanted": asdict(job.wanted),
                "segments": segments,
                "folder": str(job.folder),
                "target": str(job.target),
                "turn": str(job.turn) if job.turn else None,
            }
        }
    return json.dumps(said).encode() + b"\n"


def parse_job(line: bytes) -> StillJob | FilmJob:
    said = json.loads(line)
    if still := said.get("still"):
        found = still["set_up"]
        set_up = SetUp(tuple(map(_zone, found["zones"])), found["caption"]) if found else None
        return StillJob(Path(still["file"]), still["offset_us"], _masks(still["masks"]), set_up)
    film = said["film"]
    wanted = film["wanted"] | {"masks": _masks(film["wanted"]["masks"])}
    segments = (
        Segment(**one | {"sha256": bytes.fromhex(one["sha256"]), "state": SegmentState(one["state"])})
        for one in film["segments"]
    )
    turn = Path(film["turn"]) if film["turn"] else None
    return FilmJob(Wanted(**wanted), tuple(segments), Path(film["folder"]), Path(film["target"]), turn)


def dump_answer(answer: Progress | Exported | str) -> bytes:
    """A text is what is wrong, for people."""
    if isinstance(answer, str):
        said: dict[str, object] = {"failed": answer}
    elif isinstance(answer, Progress):
        said = {"progress": asdict(answer)}
    else:
        films = [film.model_dump_json() for film in answer.films]
        said = {"exported": {"films": films, "gaps": answer.gaps}}
    return json.dumps(said).encode() + b"\n"


def parse_answer(line: bytes) -> Progress | Exported | str:
    """Raises ValueError for what is none."""
    said = json.loads(line)
    if "progress" in said:
        return Progress(**said["progress"])
    if "exported" in said:
        films = tuple(FilmFile.model_validate_json(film) for film in said["exported"]["films"])
        return Exported(films, tuple((begin, end) for begin, end in said["exported"]["gaps"]))
    return str(said["failed"])


def _masks(found: list[list[list[float]]]) -> tuple[Corners, ...]:
    return tuple(tuple((x, y) for x, y in corners) for corners in found)


def _zone(found: tuple[list[list[float]], int]) -> tuple[Corners, int]:
    corners, sensitivity = found
    return tuple((x, y) for x, y in corners), sensitivity
