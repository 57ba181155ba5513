"""A clip as one file: the packets of its segments joined, never encoded anew.

The file begins at the keyframe at or before the clip's start, since no picture before one can be shown.
Never here: whether the clip may be seen, and the record that it was.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import av.container

from controller.store.footage import Clip, Segment

_US_PER_S = 1_000_000


class ExportError(Exception):
    """The clip cannot be written. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """length_us: of the video, with what comes before the clip since the keyframe. sha256: hexadecimal."""

    size_bytes: int
    sha256: str
    length_us: int
    segments: int


def export(clip: Clip, segments: Sequence[Segment], folder: Path, target: Path) -> Exported:
    """Write the clip to ``target``, which must not exist. Raises ExportError.

    segments: those that overlap the clip, in order; each is checked against its hash first.
    """
    if not segments:
        raise ExportError("the footage of this clip has been destroyed")
    for segment in segments:
        _check(folder / segment.name, segment)
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # for nobody else's eyes
    except FileExistsError:
        raise ExportError(f"{target} exists already; choose another name") from None
    except OSError as error:
        raise ExportError(f"{target}: {error.strerror}") from error
    try:
        length_us = _join(clip, segments, folder, target)
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with target.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
    except (av.FFmpegError, OSError) as error:
        target.unlink(missing_ok=True)
        raise ExportError(f"{target}: {error}") from error
    except ExportError:
        target.unlink(missing_ok=True)
        raise
    return Exported(target.stat().st_size, digest, length_us, len(segments))


def _check(path: Path, segment: Segment) -> None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise ExportError(f"{path}: {error.strerror}") from error
    if digest != segment.sha256:
        raise ExportError(f"{path} is not what was recorded: its hash differs")


def _join(clip: Clip, segments: Sequence[Segment], folder: Path, target: Path) -> int:
    """Copy the packets; the length of the video in microseconds."""
    origin_us: int | None = None
    end_us, last_dts = 0, -1
    extradata: bytes | None = None
    with av.open(str(target), "w", format="mp4", options={"movflags": "faststart"}) as output:
        out: av.VideoStream | None = None
        for segment in segments:
            with av.open(str(folder / segment.name), metadata_errors="replace") as source:
                stream = source.streams.video[0]
                if out is None:
                    out = output.add_stream_from_template(stream, opaque=True)
                    extradata = stream.codec_context.extradata
                elif stream.codec_context.extradata != extradata:
                    raise ExportError(
                        "the camera changed its picture format within this clip; "
                        f"take the files themselves: {', '.join(s.name for s in segments)}"
                    )
                for packet, shown_us in _wanted(source, stream, segment, clip):
                    if origin_us is None:
                        origin_us = shown_us
                    last_dts = _shift(packet, stream, shown_us - origin_us, last_dts)
                    end_us = max(end_us, shown_us)
                    packet.stream = out
                    output.mux(packet)
    if origin_us is None:
        raise ExportError("the clip holds no picture")
    return end_us - origin_us


def _wanted(
    source: av.container.InputContainer, stream: av.VideoStream, segment: Segment, clip: Clip
) -> Iterator[tuple[av.Packet[av.VideoStream], int]]:
    """The packets from the last keyframe at or before the clip's start to its end, with their wall time."""
    base = stream.time_base
    if base is None:
        return
    pending: list[tuple[av.Packet[av.VideoStream], int]] = []
    for packet in source.demux(stream):
        if packet.pts is None or packet.dts is None:
            continue
        shown_us = segment.start_us + int(packet.dts * base * _US_PER_S)
        if shown_us >= clip.end_us:
            break
        if shown_us <= clip.start_us:
            if packet.is_keyframe:
                pending.clear()
            pending.append((packet, shown_us))
            continue
        yield from pending
        pending.clear()
        yield packet, shown_us
    yield from pending


def _shift(packet: av.Packet[av.VideoStream], stream: av.VideoStream, dts_us: int, last_dts: int) -> int:
    """Move the packet to ``dts_us`` of the exported file, but behind the one before; its new dts."""
    assert packet.dts is not None
    assert packet.pts is not None
    assert stream.time_base is not None
    # Where two segments meet, pictures that arrived unevenly can overlap by a little.
    dts = max(last_dts + 1, round(dts_us / stream.time_base / _US_PER_S))
    packet.pts += dts - packet.dts
    packet.dts = dts
    return dts
