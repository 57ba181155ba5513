"""Pictures to H.264, by the machine's own encoder where there is one that really works, else by libx264.

A Pi 4 has an encoder; a Pi 5 has none. That a device says it can is no proof: it is given pictures to
encode first, and what comes out is looked at. Never here: cameras.
"""

from __future__ import annotations

import logging
import threading
from fractions import Fraction
from queue import Empty, SimpleQueue

import av
import numpy as np
from numpy.typing import NDArray

from controller.devices import TICKS_PER_S, DeviceLost, VideoPacket
from drivers.parameter_sets import annex_b, holds_slice, parameter_sets

HARDWARE, SOFTWARE = "h264_v4l2m2m", "libx264"

TRIAL_S = 10.0
"""How long hardware may take to show that it works; a driver can hang for ever."""

TRIAL_PICTURES = 60
"""So many pictures at most until the first comes out: hardware keeps some to itself."""

MOST_LEVELS_OFF = 20.0
"""How many of 255 levels of grey a picture may have changed by on the way, on average."""

_BITS_A_PIXEL = 0.1
_GLOBAL_HEADER = 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER: parameter sets apart from the first packet

log = logging.getLogger(__name__)

Pixels = NDArray[np.uint8]


class H264Encoder:
    """Used by one thread. sets: parameter sets in Annex B form; b"" where the encoder's own are meant."""

    def __init__(self, name: str, width: int, height: int, fps: int, sets: bytes = b"") -> None:
        """Raises DeviceLost."""
        self.width, self.height = width // 2 * 2, height // 2 * 2  # chroma is halved, so sides are even
        self._context = _opened(name, self.width, self.height, fps)
        self._head = b""
        self._last_dts = -1
        self.extradata = sets or bytes(self._context.extradata or b"")

    def encode(self, pixels: Pixels, pts: int) -> list[VideoPacket]:
        """BGR pixels, at least as many as were promised; pts rises. What has come out by now.

        Raises DeviceLost.
        """
        frame = av.VideoFrame.from_ndarray(pixels[: self.height, : self.width], format="bgr24")
        frame.pts = pts
        frame.time_base = Fraction(1, TICKS_PER_S)
        try:
            packets = self._context.encode(frame)
        except (av.FFmpegError, OSError) as error:
            raise DeviceLost(f"the encoder failed: {error}") from error
        return [packet for coded in packets if (packet := self._packet(coded, pts)) is not None]

    def _packet(self, coded: av.Packet[av.VideoStream], now: int) -> VideoPacket | None:
        payload = self._head + bytes(coded)
        if not holds_slice(payload, "h264"):
            self._head = payload  # hardware may give its parameter sets on their own
            return None
        self._head = b""
        pts = now if coded.pts is None else coded.pts
        dts = self._last_dts = max(self._last_dts + 1, pts if coded.dts is None else coded.dts)
        return VideoPacket(payload, max(pts, dts), dts, coded.is_keyframe)


def _opened(name: str, width: int, height: int, fps: int) -> av.VideoCodecContext:
    context = av.CodecContext.create(name, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height = width, height
    context.pix_fmt = "yuv420p"
    context.time_base = Fraction(1, TICKS_PER_S)
    context.framerate = Fraction(fps, 1)
    context.gop_size = fps  # a keyframe a second: what a power cut may cost
    context.max_b_frames = 0
    context.thread_count = 1
    if name == SOFTWARE:
        context.flags |= _GLOBAL_HEADER
        context.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "crf": "26",
            "sc_threshold": "0",
        }
    else:
        context.bit_rate = round(width * height * fps * _BITS_A_PIXEL)
    try:
        context.open()
    except (av.FFmpegError, OSError) as error:
        raise DeviceLost(f"H.264 cannot be encoded here: {error}") from error
    return context


def best_encoder(width: int, height: int, fps: int) -> H264Encoder:
    """Hardware if it works for pictures of this size, else software. Raises DeviceLost."""
    verdict = _verdicts.of(width, height, fps)
    if isinstance(verdict, bytes):
        try:
            return H264Encoder(HARDWARE, width, height, fps, verdict)
        except DeviceLost as error:
            log.warning("the hardware's encoder is taken, so the processor encodes: %s", error)
    encoder = H264Encoder(SOFTWARE, width, height, fps)
    if not encoder.extradata:
        raise DeviceLost("the encoder gave no parameter sets")
    return encoder


class _Verdicts:
    """What became of the trials in this process, each made once and logged once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[int, int, int], bytes | str] = {}

    def of(self, width: int, height: int, fps: int) -> bytes | str:
        """The parameter sets of hardware that works, or why none does."""
        with self._lock:
            if (width, height, fps) not in self._made:
                verdict = _on_trial(width, height, fps)
                self._made[width, height, fps] = verdict
                if isinstance(verdict, str):
                    by = f"by the processor ({SOFTWARE}): {verdict}"
                else:
                    by = f"by the hardware ({HARDWARE})"
                log.info("pictures of %d x %d are encoded %s", width, height, by)
            return self._made[width, height, fps]

    def forget(self) -> None:
        self._made.clear()


_verdicts = _Verdicts()


def _on_trial(width: int, height: int, fps: int) -> bytes | str:
    verdict: SimpleQueue[bytes | str] = SimpleQueue()

    def judge() -> None:
        try:
            verdict.put(_try(width, height, fps))
        except DeviceLost as error:
            verdict.put(str(error))

    # On a thread that is left behind if the driver hangs.
    threading.Thread(target=judge, name="encoder-trial", daemon=True).start()
    try:
        return verdict.get(timeout=TRIAL_S)
    except Empty:
        return f"the hardware's encoder gave no answer within {TRIAL_S:.0f} s"


def _try(width: int, height: int, fps: int) -> bytes:
    """Raises DeviceLost, with the reason, for hardware that does not do what it should."""
    encoder = H264Encoder(HARDWARE, width, height, fps)
    shown = _test_picture(encoder.width, encoder.height)
    for number in range(TRIAL_PICTURES):
        if packets := encoder.encode(shown, number * TICKS_PER_S // fps):
            break
    else:
        raise DeviceLost(f"{HARDWARE} gave nothing back")
    first = packets[0]
    sets = annex_b(parameter_sets(first.payload, "h264"))
    if not first.keyframe or not sets:
        raise DeviceLost(f"{HARDWARE} did not begin with a keyframe and its parameter sets")
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.extradata, decoder.thread_count = sets, 1
    try:
        pictures = [*decoder.decode(av.Packet(first.payload)), *decoder.decode(None)]
    except av.FFmpegError as error:
        raise DeviceLost(f"what {HARDWARE} gave cannot be decoded: {error}") from error
    if not pictures or (pictures[0].width, pictures[0].height) != (encoder.width, encoder.height):
        raise DeviceLost(f"{HARDWARE} gave no picture of the size it was asked for")
    off = np.abs(pictures[0].to_ndarray(format="bgr24").astype(np.int16) - shown)
    if float(off.mean()) > MOST_LEVELS_OFF:
        raise DeviceLost(f"{HARDWARE} spoilt the picture")
    return sets


def _test_picture(width: int, height: int) -> Pixels:
    """Ramps across and down, of which hardware that puts rows in the wrong place makes something else."""
    across = np.linspace(30, 220, width, dtype=np.uint8)
    down = np.linspace(220, 30, height, dtype=np.uint8)
    grey = (across[np.newaxis, :] // 2 + down[:, np.newaxis] // 2).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(grey[:, :, np.newaxis], 3, axis=2))
