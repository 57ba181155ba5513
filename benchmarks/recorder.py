"""What recording costs: copy, hash and sync of four cameras' streams, against ``ffmpeg -c copy`` of the same.

All watch the same stream at the same time. CPU time is counted from when all are under way. What the
recorder costs whether or not it records is in its figure, and beside it in a row of its own.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from benchmarks import branch
from benchmarks.cameras import cameras
from benchmarks.options import Options
from benchmarks.process import Service, cpu_s, service
from benchmarks.rows import Row

CAMERAS = 4
WITHIN = 2.0
UNDER_WAY_S = 5.0
LEAST_BYTES_A_SECOND = 10_000


@contextmanager
def ffmpeg(url: str, target: Path) -> Iterator[int]:
    command = ["ffmpeg", "-loglevel", "error", "-nostdin", "-rtsp_transport", "tcp", "-i", url, "-c", "copy"]
    process = subprocess.Popen(
        [*command, "-movflags", "frag_keyframe+empty_moov+default_base_moof", str(target)]
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def recorder(made: branch.Branch) -> AbstractContextManager[Service]:
    return service(
        ["-m", "controller", "recorder", "--config", str(made.file)],
        secrets=made.secrets,
        log=made.folder / "recorder.log",
        environment={},
    )


def share(cpu: float, seconds: float) -> str:
    return f"{cpu / seconds:.2%} of a core"


def run(folder: Path, options: Options) -> Iterator[Row]:
    with ExitStack() as running:
        urls = running.enter_context(cameras(CAMERAS))
        made = branch.make(folder / "branch", "/dev/null", 0, urls)
        ours = running.enter_context(recorder(made))
        theirs = [
            running.enter_context(ffmpeg(url, folder / f"{number}.mp4")) for number, url in enumerate(urls)
        ]
        time.sleep(UNDER_WAY_S)
        ours_before_s, theirs_before_s = ours.cpu_s(), sum(map(cpu_s, theirs))
        began_s = time.monotonic()
        time.sleep(options.seconds)
        took_s = time.monotonic() - began_s
        ours_s, theirs_s = ours.cpu_s() - ours_before_s, sum(map(cpu_s, theirs)) - theirs_before_s
        memory_mb = ours.rss_mb()
    written = sum(file.stat().st_size for file in made.paths.footage_dir.rglob("*") if file.is_file())
    if written < LEAST_BYTES_A_SECOND * took_s * CAMERAS:
        raise RuntimeError(f"only {written} bytes were recorded: see {made.folder}/recorder.log")
    yield Row(f"ffmpeg -c copy, a camera, over {took_s:.0f} s", share(theirs_s / CAMERAS, took_s))
    yield Row(f"recorder, a camera of {CAMERAS}: copy, SHA-256, fdatasync", share(ours_s / CAMERAS, took_s))
    ratio = ours_s / max(theirs_s, 0.01)
    yield Row("  against ffmpeg -c copy", f"{ratio:.2f} x", f"<= {WITHIN:g} x", ratio <= WITHIN)
    yield Row("recorder: memory", f"{memory_mb:.0f} MB")
    with recorder(branch.make(folder / "idle", "/dev/null", 0)) as idle:
        before_s = idle.cpu_s()
        time.sleep(options.seconds / 4)
        yield Row("recorder without a camera", share(idle.cpu_s() - before_s, options.seconds / 4))
