"""The pictures of a segment encoded anew, in a process of its own that has only what time nobody else wants.

``python -m controller.recorder.clips.transcode`` is that process: it ends with its work, or with whoever
started it. A film that no decoder survives costs it and nobody else. Never here: how pictures are encoded,
and that one film is encoded at a time.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import av

from controller.devices import VideoFormat
from controller.recorder.clips.copying import format_of
from controller.recorder.clips.film import Picture
from controller.recorder.clips.reencoding import Reencoder
from controller.recorder.segments import reading
from controller.recorder.watching.zones import Corners

NICENESS = 19
_HEAD = struct.Struct(">IqqqI?")
"""Before each payload: its length, shown_us, dts, reorder, duration, keyframe. A length of 0 is the end."""


class EncodingFailed(Exception):
    """The process ended before its work did. The message is what it said last."""


class Transcoder:
    """For one film. masks: to be filled in."""

    def __init__(self, masks: Sequence[Corners]) -> None:
        self._masks = masks
        self._format: VideoFormat | None = None

    @property
    def format(self) -> VideoFormat:
        """Of all its pictures. It is known with the first of them."""
        assert self._format is not None
        return self._format

    def pictures(
        self, content: BufferedReader, start_us: int, begins_us: int, ends_us: int
    ) -> Iterator[Picture]:
        """Those of an opened segment from ``begins_us`` to before ``ends_us``, as they are encoded.

        start_us: where the segment begins. Raises EncodingFailed.
        """
        job = {"start_us": start_us, "begins_us": begins_us, "ends_us": ends_us, "masks": self._masks}
        number = content.fileno()
        command = [sys.executable, "-P", "-m", __name__, str(number)]
        with (
            TemporaryFile() as said,
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, pass_fds=(number,)
            ) as process,
        ):
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps(job).encode())
                process.stdin.close()
                yield from self._taken(process.stdout)
            except (OSError, EOFError, ValueError, struct.error):
                process.wait()
                said.seek(0)
                last_line = said.read().decode(errors="replace").strip().rpartition("\n")[2]
                raise EncodingFailed(last_line or f"the encoder ended with {process.returncode}") from None
            finally:
                process.kill()  # does nothing to one that has ended

    def _taken(self, stream: IO[bytes]) -> Iterator[Picture]:
        said = json.loads(stream.readline())
        form = VideoFormat(said["codec"], said["width"], said["height"], bytes.fromhex(said["extradata"]))
        if self._format not in (None, form):
            raise ValueError("one film, one format")
        self._format = form
        while True:
            length, shown_us, dts, reorder, duration, keyframe = _HEAD.unpack(_exactly(stream, _HEAD.size))
            if not length:
                return
            yield Picture(_exactly(stream, length), keyframe, shown_us, dts, reorder, duration)


def _exactly(stream: IO[bytes], count: int) -> bytes:
    found = stream.read(count)
    if len(found) < count:
        raise EOFError
    return found


def _encode(file: Path, job: dict[str, int], masks: Sequence[Corners], out: IO[bytes]) -> None:
    with reading.opened(file) as content, reading.film(content) as source:
        form = format_of(source)
        encoder = Reencoder(form.width, form.height, masks)
        made = encoder.format
        said = {
            "codec": made.codec,
            "width": made.width,
            "height": made.height,
            "extradata": made.extradata.hex(),
        }
        out.write(json.dumps(said).encode() + b"\n")
        for one in encoder.pictures(source, **job):
            head = (len(one.payload), one.shown_us, one.dts, one.reorder, one.duration, one.keyframe)
            out.write(_HEAD.pack(*head) + one.payload)
            out.flush()
    out.write(_HEAD.pack(0, 0, 0, 0, 0, False))
    out.flush()


def main() -> None:
    os.nice(NICENESS)
    job = json.load(sys.stdin)
    masks = job.pop("masks")
    # The very file that was opened and found to be as it was recorded, whatever has become of its name.
    opened = Path(f"/proc/self/fd/{sys.argv[1]}")
    try:
        _encode(opened, job, masks, sys.stdout.buffer)
    except (av.FFmpegError, OSError, LookupError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
