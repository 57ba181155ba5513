"""A whole recorder before a camera that plays the same two seconds for ever, ten pictures a second.

``record FOLDER`` first plants old segments, says ``planted``, records until it is killed, and says
``packet <wall time, microseconds>`` of each picture before it hands out the next. ``repair FOLDER`` is
the next start: it stops as soon as it is ready.
"""

import os
import queue
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import numpy as np

from controller.core.event import Stamp
from controller.core.hold import DAY_US
from controller.core.retention import FootageRule
from controller.devices import VideoFormat, VideoPacket
from controller.recorder.alive import Alive
from controller.recorder.assembly import Plan, Stores, World, assemble
from controller.recorder.capture.writing import Recording
from controller.recorder.clips.making import Margins
from controller.recorder.history import History
from controller.recorder.keeping.space import Floor
from controller.recorder.now import Now
from controller.recorder.segments import files
from controller.recorder.segments.segment_name import SegmentName
from controller.service import Notifier, Stop
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader

mode, root = sys.argv[1], Path(sys.argv[2])
SECOND, PLANTED, PICTURES, TICKS = 1_000_000, 30, 20, 9_000


def now() -> Stamp:
    return Stamp(time.time_ns() // 1000, time.monotonic_ns() // 1000, "a-boot", clock_trusted=True)


def film() -> tuple[VideoFormat, list[VideoPacket]]:
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 160, 90, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 90_000), Fraction(10)
    encoder.gop_size, encoder.max_b_frames, encoder.thread_count = 10, 0, 1
    encoder.flags |= 1 << 22  # parameter sets apart from the first packet
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    packets = []
    for number in range(PICTURES):
        frame = av.VideoFrame.from_ndarray(np.full((90, 160, 3), number * 12, np.uint8), format="bgr24")
        frame.pts, frame.time_base = number * TICKS, Fraction(1, 90_000)
        packets += [VideoPacket(bytes(p), p.pts, p.dts, p.is_keyframe) for p in encoder.encode(frame)]
    assert encoder.extradata
    return VideoFormat("h264", 160, 90, bytes(encoder.extradata)), packets


class Player:
    def __init__(self) -> None:
        self.format, self._packets = film()

    def packets(self) -> Iterator[VideoPacket]:
        for number in count():
            played = self._packets[number % PICTURES]
            stamp = number * TICKS
            yield replace(played, pts=stamp, dts=stamp)
            print("packet", now().wall_us, flush=True)
            time.sleep(0.1)

    def close(self) -> None: ...


class Ready(Notifier):
    def ready(self) -> None:
        if mode == "repair":
            stop.set()


folder, stop = root / "footage", Stop()
folder.mkdir(exist_ok=True)
own = JournalReader(root / "journal.db")
history = History.read(own)
journal = Journal.open(root / "journal.db", service="recorder", stamp=now())
footage = Footage.open(root / "footage.db")
if mode == "record":
    (folder / "entrance").mkdir(exist_ok=True)
    for n in range(PLANTED):
        start_us = now().wall_us - 20 * DAY_US + n * 60 * SECOND
        name = SegmentName("entrance", start_us, n, "earlier", True)
        with (folder / name.relative).open("wb") as file:
            file.write(b"old")
            file.flush()
            os.fsync(file.fileno())
        footage.add_segment(
            Segment(
                name.segment_id, "entrance", name.relative, start_us, start_us + 60 * SECOND, n, "earlier",
                True, 3, bytes(32),
            )
        )  # fmt: skip
    files.sync_folder(folder / "entrance")
    print("planted", flush=True)
cameras = ["entrance"] if mode == "record" else []
plan = Plan(
    folder=folder,
    recordings=[Recording(camera, folder, 2 * SECOND, False) for camera in cameras],
    rule=FootageRule(14),
    margins=Margins(SECOND, SECOND, 2 * SECOND, 14 * DAY_US),
    sweep_interval_us=3600 * SECOND,
    site="branch",
    clock_source="assumed",
)
world = World(
    now=Now(now, lambda trusted: replace(now(), clock_trusted=trusted)),
    open_camera={"entrance": Player},
    holds=list,
    floor=Floor(folder, 1),
    notifier=Ready({}),
    stop=stop,
    inbox=queue.SimpleQueue(),
)
recorder = assemble(plan, world, Stores(journal, footage, history, [own], Alive(root / "alive")))
recorder.run()
for opened in (journal, footage, own):
    opened.close()
