"""The manifest of an export: where each picture of its films is from, what is missing, who asked, and why.

A JSON file beside the films, for people and for ``unlocked clip verify``; its signature is beside it. Times
are UTC. Never here: writing films, and judging them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    ValidationInfo,
)

from controller.core.local_time import EPOCH

FORMAT: Literal["unlocked-export/1"] = "unlocked-export/1"
SUFFIX = ".json"
"""Of a manifest's name, behind that of the (first) film."""
SIGNATURE_SUFFIX = ".minisig"
LARGEST = 64 * 1024 * 1024
"""Bytes of a manifest. A day of one camera comes to fifteen million."""
_LATEST_US = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


class BadManifest(Exception):
    """The text is no manifest. The message says where it is not."""


def utc(us: int) -> str:
    """Microseconds since 1970 as a time people can read: ``2026-11-22T10:00:00.000000Z``."""
    return f"{EPOCH + timedelta(microseconds=min(max(us, 0), _LATEST_US)):%Y-%m-%dT%H:%M:%S.%fZ}"


def _us(value: object, info: ValidationInfo) -> object:
    if info.mode != "json":
        return value
    moment = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    us = (moment - EPOCH) // timedelta(microseconds=1)
    if utc(us) != value:
        raise ValueError("write it as 2026-11-22T10:00:00.000000Z")
    return us


Moment = Annotated[int, BeforeValidator(_us), PlainSerializer(utc)]
"""Microseconds since 1970 UTC here, and a readable time in the file."""
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, hexadecimal."""
Count = Annotated[int, Field(ge=0, lt=1 << 63)]
FileName = Annotated[str, Field(pattern=r"^([^/\x00.]|\.[^/\x00.]|\.\.[^/\x00])[^/\x00]{0,254}$")]
Corners = tuple[tuple[float, float], ...]
"""Of a mask, as shares of the picture's width and height from its upper left."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class GroupOfPictures(_Table):
    """From a keyframe to before the next. film_at_us: of its first picture. sha256: of their payloads."""

    film_at_us: Count
    pictures: Count
    sha256: Digest


class RecordedClock(_Table):
    """What the controller's clock was like when the segment began.

    trusted: it could be believed then. corrected_by_us: what was added once the right time was known.
    """

    trusted: bool
    corrected_by_us: int
    boot_id: str
    since_boot_us: Count


class Part(_Table):
    """What one segment gave to a film.

    sha256: of the segment's file when it was recorded. as_recorded: it still had that hash when it was
    exported. recovered: it was completed after a crash. film_at_us: of its first picture.
    """

    segment: str
    file: str
    sha256: Digest
    as_recorded: bool
    recovered: bool
    recorded_from: Moment
    recorded_to: Moment
    clock: RecordedClock
    shown_from: Moment
    shown_to: Moment
    film_at_us: Count
    groups: tuple[GroupOfPictures, ...] = Field(min_length=1)


class FilmFile(_Table):
    """pictures: ``as_recorded`` are the camera's own, bit by bit. masks: what was filled in."""

    name: FileName
    size_bytes: Count
    sha256: Digest
    codec: str
    width: int
    height: int
    length_us: Count
    pictures: Literal["as_recorded", "encoded_anew"]
    masks: tuple[Corners, ...]
    payloads_sha256: Digest
    times_sha256: Digest
    parameters_sha256: Digest
    parts: tuple[Part, ...]


class ExplainedGap(_Table):
    """Nothing of this is in the films. cause: as the journal has it, None if it has none."""

    begins: Moment
    ends: Moment
    cause: str | None


class ClipEvent(_Table):
    """The event that the clip belongs to. type, at: None if the journal no longer has it."""

    id: str
    type: str | None
    at: Moment | None
    film: FileName | None
    film_at_us: Count | None


class Branch(_Table):
    authority: str
    branch: str
    name: str


class Manifest(_Table):
    """exported_by: the account on the controller. clip, event: None where a range was asked for."""

    format: Literal["unlocked-export/1"]
    software: str
    branch: Branch
    camera: str
    asked_from: Moment
    asked_to: Moment
    clip: str | None
    event: ClipEvent | None
    need: str
    exported_by: str
    exported_at: Moment
    clock_trusted: bool
    signed_with: str
    films: tuple[FilmFile, ...] = Field(min_length=1)
    gaps: tuple[ExplainedGap, ...]

    def text(self) -> bytes:
        """What is signed."""
        return self.model_dump_json(indent=1).encode() + b"\n"

    @classmethod
    def parse(cls, content: bytes) -> Manifest:
        """Raises BadManifest."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole file"
            raise BadManifest(f"{where}: {first['msg']}") from error
