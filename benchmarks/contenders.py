"""Who records the same stream side by side: ours in its several ways, ffmpeg, and Motion.

Each writes into a folder of its own, in pieces of a minute. Motion is left out where it is not installed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import branch
from benchmarks.cameras import tables
from benchmarks.process import service

PIECE_S = 60
STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Streams:
    """Addresses of what every camera sends: the picture to record, and a smaller one to look at."""

    main: str
    sub: str


@dataclass(frozen=True, slots=True)
class Contender:
    """begin: records so many cameras into a folder, and gives the ids of its processes."""

    name: str
    begin: Callable[[Streams, int, Path], AbstractContextManager[Sequence[int]]]


COPY = "recorder: copy, SHA-256, fdatasync"
HEALTH = "recorder: the same, with the camera's health"
KEYFRAMES = "recorder: the same, with motion on keyframes"
SUB_STREAM = "recorder: the same, on the smaller stream"
FFMPEG = "ffmpeg -c copy -f segment"
PASSTHROUGH = "Motion: passthrough, detects on the smaller stream"
COPYING = "benchmarks.recorder_without_health"
RE_ENCODING = "Motion: re-encoding"


def contenders() -> list[Contender]:
    found = [
        Contender(FFMPEG, _ffmpeg),
        Contender(COPY, lambda *where: _ours(*where, "motion = false", module=COPYING)),
        Contender(HEALTH, lambda *where: _ours(*where, "motion = false")),
        Contender(KEYFRAMES, lambda *where: _ours(*where)),
        Contender(SUB_STREAM, lambda *where: _ours(*where, f'sub_url = "{where[0].sub}"')),
    ]
    if shutil.which("motion"):
        found += [Contender(PASSTHROUGH, _motion_passthrough), Contender(RE_ENCODING, _motion_re_encoding)]
    return found


@contextmanager
def _ours(
    streams: Streams, count: int, folder: Path, *settings: str, module: str = "controller"
) -> Iterator[Sequence[int]]:
    made = branch.make(folder, "/dev/null", 0, tables=tables(streams.main, count, settings))
    command = ["-m", module, "recorder", "--config", str(made.file)]
    with service(command, secrets=made.secrets, log=folder / "recorder.log", environment={}) as running:
        yield [running.pid]


@contextmanager
def _ffmpeg(streams: Streams, count: int, folder: Path) -> Iterator[Sequence[int]]:
    folder.mkdir()
    command = ["ffmpeg", "-loglevel", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", streams.main]
    command += ["-c", "copy", "-f", "segment", "-segment_time", str(PIECE_S), "-segment_format", "mp4"]
    command += ["-segment_format_options", "movflags=frag_keyframe+empty_moov+default_base_moof"]
    with ExitStack() as running:
        yield [
            running.enter_context(_process([*command, str(folder / f"{number}-%03d.mp4")]))
            for number in range(count)
        ]


def _motion_passthrough(streams: Streams, count: int, folder: Path) -> AbstractContextManager[Sequence[int]]:
    picture = {"netcam_url": streams.sub, "netcam_highres": streams.main, "movie_passthrough": "on"}
    return _motion(count, folder, picture | {"width": "640", "height": "360", "framerate": "5"})


def _motion_re_encoding(streams: Streams, count: int, folder: Path) -> AbstractContextManager[Sequence[int]]:
    picture = {"netcam_url": streams.main, "width": "1280", "height": "720", "framerate": "15"}
    return _motion(count, folder, picture)


@contextmanager
def _motion(count: int, folder: Path, camera: dict[str, str]) -> Iterator[Sequence[int]]:
    """Everything is recorded, whether or not it moves, as ours records it."""
    folder.mkdir()
    whole = folder / "motion.conf"
    general = {
        "daemon": "off",
        "log_level": "4",
        "log_file": str(folder / "motion.log"),
        "webcontrol_port": "0",
        "stream_port": "0",
        "emulate_motion": "on",
        "event_gap": "0",
        "picture_output": "off",
        "movie_output": "on",
        "movie_codec": "mp4",
        "movie_max_time": str(PIECE_S),
        "target_dir": str(folder),
    }
    own = [folder / f"camera-{number}.conf" for number in range(count)]
    for number, file in enumerate(own):
        _write(file, {**camera, "camera_id": str(number + 1), "movie_filename": f"{number}-%Y%m%d%H%M%S"})
    _write(whole, general, [f"camera {file}" for file in own])
    with _process(["motion", "-n", "-c", str(whole)]) as pid:
        yield [pid]


def _write(file: Path, settings: dict[str, str], more: Sequence[str] = ()) -> None:
    file.write_text("\n".join([*(f"{key} {value}" for key, value in settings.items()), *more, ""]))


@contextmanager
def _process(command: Sequence[str]) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
