"""The pictures of a segment encoded anew, in a process of its own that has only what time nobody else wants.

``python -m controller.footage.export.transcode`` is that process: it ends with its work, or with whoever
started it. A film that no decoder survives costs it and nobody else. Never here: how pictures are encoded,
and that one film is encoded at a time.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Self

import av

from controller.devices import VideoFormat
from controller.footage import reading, video
from controller.footage.export.copying import format_of
from controller.footage.export.film import CodedPicture
from controller.footage.export.reencoding import Reencoder
from controller.footage.masks import Corners

NICENESS = 19
_HEAD = struct.Struct(">IqqqI?")
"""Before each payload: its length, shown_us, dts, reorder, duration, keyframe. A length of 0 is the end."""


_LONGEST_JOB = 128 * 1024


class EncodingFailed(Exception):
    """The process ended before its work did. The message is what it said last."""


class Transcoder:
    """For one film. masks: to be filled in. The process is there from the first segment until ``close``."""

    def __init__(self, masks: Sequence[Corners]) -> None:
        self._masks = masks
        self._format: VideoFormat | None = None
        self._coder: _Coder | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def format(self) -> VideoFormat:
        """Of all its pictures. It is known with the first of them."""
        assert self._format is not None
        return self._format

    def pictures(
        self, content: BufferedReader, start_us: int, begins_us: int, ends_us: int
    ) -> Iterator[CodedPicture]:
        """Those of an opened segment from ``begins_us`` to before ``ends_us``, as they are encoded.

        start_us: where the segment begins. Raises EncodingFailed.
        """
        job = {"start_us": start_us, "begins_us": begins_us, "ends_us": ends_us, "masks": self._masks}
        if self._coder is None:
            self._coder = _Coder()
        coder, done = self._coder, False
        try:
            # The very file that was opened and checked, whatever has become of its name.
            socket.send_fds(coder.jobs, [json.dumps(job).encode()], [content.fileno()])
            yield from self._taken(coder.pictures)
            done = True
        except (OSError, EOFError, ValueError, struct.error):
            raise EncodingFailed(coder.last_words()) from None
        finally:
            if not done:
                self.close()

    def close(self) -> None:
        """End the process, whatever it is at."""
        if self._coder is not None:
            self._coder.close()
            self._coder = None

    def _taken(self, stream: IO[bytes]) -> Iterator[CodedPicture]:
        said = json.loads(stream.readline())
        form = VideoFormat(said["codec"], said["width"], said["height"], bytes.fromhex(said["extradata"]))
        if self._format not in (None, form):
            raise ValueError("one film, one format")
        self._format = form
        while True:
            length, shown_us, dts, reorder, duration, keyframe = _HEAD.unpack(_exactly(stream, _HEAD.size))
            if not length:
                return
            yield CodedPicture(_exactly(stream, length), keyframe, shown_us, dts, reorder, duration)


class _Coder:
    """The process. jobs: takes one a message, with the segment. pictures: gives what comes of it."""

    def __init__(self) -> None:
        self.jobs, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._said = TemporaryFile()  # noqa: SIM115 -- it is closed with the process
        command = [sys.executable, "-P", "-m", __name__]
        with theirs:
            self._process = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=subprocess.PIPE, stderr=self._said
            )
        assert self._process.stdout is not None
        self.pictures = self._process.stdout

    def last_words(self) -> str:
        """Of one that has ended, or does now that nobody listens."""
        self.jobs.close()
        self.pictures.close()
        code = self._process.wait()
        self._said.seek(0)
        last_line = self._said.read().decode(errors="replace").strip().rpartition("\n")[2]
        return last_line or f"the encoder ended with {code}"

    def close(self) -> None:
        self.jobs.close()
        self._process.kill()
        self.pictures.close()
        self._process.wait()
        self._said.close()


def _exactly(stream: IO[bytes], count: int) -> bytes:
    found = stream.read(count)
    if len(found) < count:
        raise EOFError
    return found


def _encode(file: Path, job: dict[str, int], masks: Sequence[Corners], out: IO[bytes]) -> None:
    with reading.opened(file) as content, video.film(content) as source:
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
    with socket.socket(fileno=sys.stdin.fileno()) as jobs:
        while True:
            message, segments, _, _ = socket.recv_fds(jobs, _LONGEST_JOB, 1)
            if not message:
                return
            job = json.loads(message)
            masks = job.pop("masks")
            try:
                _encode(Path(f"/proc/self/fd/{segments[0]}"), job, masks, sys.stdout.buffer)
            except (av.FFmpegError, OSError, LookupError) as error:
                sys.exit(str(error))
            os.close(segments[0])


if __name__ == "__main__":
    main()
