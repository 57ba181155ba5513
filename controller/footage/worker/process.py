"""The process that works on pictures: one job, with only what time nobody else wants.

``python -m controller.footage.worker.process`` reads the job from its standard input. It ends with it, or
with whoever started it. Never here: who may have the pictures.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import ExitStack
from fractions import Fraction
from typing import IO

import av
import cv2
import numpy as np

from controller.devices import TICKS_PER_S
from controller.footage import reading, video
from controller.footage.export.copying import packets
from controller.footage.export.encoding_turn import encoding_turn
from controller.footage.export.exporting import ExportError, export
from controller.footage.export.staging import Staging
from controller.footage.masks import fill
from controller.footage.set_up_picture import draw
from controller.footage.worker.job import FilmJob, Progress, StillJob, dump_answer, parse_job

NICENESS = 19
NO_PICTURE = "there is no picture of that moment that can be read"


def main() -> None:
    os.nice(NICENESS)
    cv2.setNumThreads(1)
    job = parse_job(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_whoever_asked, daemon=True).start()
    answers = sys.stdout.buffer
    try:
        if isinstance(job, StillJob):
            answers.write(_still(job))
        else:
            _film(job, answers)
    except ExportError as error:
        _fail(str(error))
    except (av.FFmpegError, LookupError) as error:
        _fail(f"{NO_PICTURE}: {error}")
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _fail(said: str) -> None:
    sys.stderr.buffer.write(dump_answer(said))
    sys.exit(1)


def _end_with_whoever_asked() -> None:
    # Not through sys.stdin: Python cannot end while a thread waits in it.
    while os.read(0, 4096):
        continue
    os.kill(os.getpid(), signal.SIGTERM)  # so that what was staged goes as well


def _film(job: FilmJob, answers: IO[bytes]) -> None:
    def told(done: int, of: int, *, waits: bool = False) -> None:
        answers.write(dump_answer(Progress(done, of, waits)))
        answers.flush()

    count = len(job.segments)
    with ExitStack() as stack:
        staging = stack.enter_context(Staging())
        if job.turn is not None:
            stack.enter_context(encoding_turn(job.turn, lambda: told(0, count, waits=True)))
        exported = export(job.wanted, job.segments, job.folder, job.target, staging, told)
        staging.publish()
    answers.write(dump_answer(exported))
    answers.flush()


def _still(job: StillJob) -> bytes:
    """The last picture at or before the moment; the first of all where there is none before it."""
    with reading.opened(job.file) as content, video.film(content) as source:
        group: list[av.Packet[av.VideoStream]] = []
        for packet, shown_us in packets(source, 0, job.offset_us + 60_000_000):
            if shown_us > job.offset_us and group:
                break
            if packet.is_keyframe:
                group.clear()
            group.append(packet)
        picture = _last_of(source.streams.video[0], group, job.offset_us)
    if picture is None:
        raise ExportError(NO_PICTURE)
    pixels = np.ascontiguousarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)
    if job.set_up is None:
        for corners in job.masks:
            fill(pixels, corners, (0, 0, 0))
    else:
        pixels = draw(pixels, job.masks, job.set_up.zones, job.set_up.caption)
    done, encoded = cv2.imencode(".jpg" if job.set_up else ".png", pixels)
    if not done:
        raise ExportError(NO_PICTURE)
    return encoded.tobytes()


def _last_of(
    stream: av.VideoStream, group: list[av.Packet[av.VideoStream]], offset_us: int
) -> av.VideoFrame | None:
    base = stream.time_base or Fraction(1, TICKS_PER_S)
    found: av.VideoFrame | None = None
    for packet in (*group, None):
        try:
            for frame in stream.codec_context.decode(packet):
                if found is None or (frame.pts or 0) * base * 1_000_000 <= offset_us:
                    found = frame
        except av.InvalidDataError:
            continue
    return found


if __name__ == "__main__":
    main()
