"""A whole recorder on a folder, before a camera that plays the same film for ever, ten pictures a second.

Time moves with the pictures, by a tenth of a second each, however fast they are handed out.

``plant FOLDER``: leaves old segments there, which are due.
``record FOLDER GROUP [MOST]``: says ``begins``, records until it is killed, and says ``taken`` of a picture
when it asks for the next. GROUP: pictures from one keyframe to the next. MOST: how many it plays before it
stops by itself.
``again FOLDER GROUP MOST``: the next start, ten minutes later.
"""

import os
import queue
import sys
import threading
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
from controller.core.retention.footage import FootageRule
from controller.devices import DeviceLost, VideoFormat, VideoPacket
from controller.footage.segment_name import SegmentName
from controller.recorder.alive import Alive
from controller.recorder.assembly import Plan, Stores, World, assemble
from controller.recorder.capture.writing import Recording
from controller.recorder.clips.making import Margins
from controller.recorder.history import History
from controller.recorder.keeping.footage_disk import FootageDisk
from controller.recorder.keeping.space import Floor
from controller.recorder.now import Now
from controller.recorder.segments import files
from controller.service import Notifier, Stop
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader

mode, root, *numbers = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])
group = numbers[0] if numbers else 0
most = numbers[1] if len(numbers) > 1 else None
SECOND, PLANTED, PICTURES, TICKS = 1_000_000, 5, 60, 9_000
PACE_S = 0.01 if most is None else 0.0
START_US = 1_790_000_000 * SECOND + (600 * SECOND if mode == "again" else 0)
played = 0


def now() -> Stamp:
    passed_us = played * SECOND // 10
    return Stamp(START_US + passed_us, 100 * SECOND + passed_us, f"boot-of-{mode}", clock_trusted=True)


def film() -> tuple[VideoFormat, list[VideoPacket]]:
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 160, 90, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 90_000), Fraction(10)
    encoder.gop_size, encoder.max_b_frames, encoder.thread_count = group, 0, 1
    encoder.flags |= 1 << 22  # parameter sets apart from the first packet
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "sc_threshold": "0"}
    packets = []
    for number in range(PICTURES):
        frame = av.VideoFrame.from_ndarray(np.full((90, 160, 3), number * 4, np.uint8), format="bgr24")
        frame.pts, frame.time_base = number * TICKS, Fraction(1, 90_000)
        packets += [VideoPacket(bytes(p), p.pts, p.dts, p.is_keyframe) for p in encoder.encode(frame)]
    assert encoder.extradata
    return VideoFormat("h264", 160, 90, bytes(encoder.extradata)), packets


class Player:
    def __init__(self) -> None:
        self.format, self._packets = film()
        self._closed = threading.Event()

    def packets(self) -> Iterator[VideoPacket]:
        global played
        for number in count():
            stamp = number * TICKS
            yield replace(self._packets[number % PICTURES], pts=stamp, dts=stamp)
            played += 1
            print("taken", flush=True)
            if played == most:
                stop.set()
                inbox.put(None)
                self._closed.wait()
            time.sleep(PACE_S)
            if self._closed.is_set():
                raise DeviceLost("closed")

    def close(self) -> None:
        self._closed.set()


def plant() -> None:
    (folder / "entrance").mkdir()
    footage = Footage.open(root / "footage.db")
    for n in range(PLANTED):
        start_us = START_US - 20 * DAY_US + n * 60 * SECOND
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
    footage.close()


folder, stop, inbox = root / "footage", Stop(), queue.SimpleQueue()
folder.mkdir(exist_ok=True)
if mode == "plant":
    plant()
    sys.exit()
own = JournalReader(root / "journal.db")
console = JournalReader(root / "console.db")
history = History.read(own)
journal = Journal.open(root / "journal.db", service="recorder", stamp=now())
footage = Footage.open(root / "footage.db")
plan = Plan(
    folder=folder,
    recordings=[Recording("entrance", folder, 4 * SECOND, False)],
    rule=FootageRule(14),
    margins=Margins(SECOND, SECOND, 4 * SECOND, 14 * DAY_US),
    sweep_interval_us=3600 * SECOND,
    site="branch",
    clock_source="assumed",
)
world = World(
    now=Now(now, lambda trusted: replace(now(), clock_trusted=trusted)),
    open_camera={"entrance": Player},
    holds=list,
    floor=Floor(folder, 1),
    notifier=Notifier({}),
    stop=stop,
    inbox=inbox,
)
recorder = assemble(
    plan,
    world,
    Stores(
        journal,
        footage,
        history,
        [own],
        console,
        Alive(root / "alive"),
        FootageDisk(folder, root / "footage-disk"),
    ),
)
print("begins", flush=True)
recorder.run()
for opened in (journal, footage, own, console):
    opened.close()
