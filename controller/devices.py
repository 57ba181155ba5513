"""What the controller expects of hardware, clock and broker: protocols, values and errors.

Here: what a driver must do, said once, so that the real device and the simulated one pass the same
contract test (tests/contracts). Never here: how it is done. ``drivers`` imports this module and
nothing else of ours; the services receive drivers from their ``main.py``.

Callbacks given to a device run on the driver's own thread. They may only enqueue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol


class DeviceError(Exception):
    """A device did not do what was asked. The message is for the log: no card number, no secret."""


class DeviceLost(DeviceError):
    """The device is gone. Close it, and try to open it again until it is back."""


class DeviceTaken(DeviceLost):
    """Another process has the device open."""


# --- clock ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at the clocks, taken together.

    wall_us: microseconds since 1970-01-01 UTC; may step.
    mono_us: microseconds since boot, counting suspended time (CLOCK_BOOTTIME); never steps.
    boot_id: the kernel's random id of this boot.
    synchronised: the system reports that its wall time was set from a time source in this boot.
    """

    wall_us: int
    mono_us: int
    boot_id: str
    synchronised: bool


class Clock(Protocol):
    """The only source of time."""

    def read(self) -> ClockReading: ...

    def since_boot_us(self) -> int:
        """``mono_us`` alone, for a fraction of what ``read`` costs."""
        ...


# --- door hardware -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CardBits:
    """A card as a reader took it off the air: ``length`` bits, the first sent the highest of ``value``."""

    value: int = field(repr=False)
    length: int


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A key of the reader's keypad: a digit, ``*`` (clear) or ``#`` (enter). It may be part of a PIN."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReaderTamper:
    """The reader's own contact says that somebody has opened it (``active``), or that it is whole again."""

    active: bool


Reading = bytes | CardBits | KeyPress | ReaderTamper
"""What a reader says at once: bytes from one that only sends, the others from one that is spoken to."""


class CardReader(Protocol):
    """A card reader at the end of a wire. Opened by construction."""

    def read(self) -> Reading:
        """Block until something comes or a short time-out passes (then ``b""``). Raises DeviceLost."""
        ...

    def close(self) -> None:
        """Give the line back. Never raises."""
        ...


class Lock(Protocol):
    """The relay that drives a strike or a maglock.

    However it is called, the lock is secured again by the driver's own timer at the deadline of the
    last call, whether or not the caller is still alive to ask for it (a thread, not the caller's).
    """

    def release(self, duration_s: float) -> None:
        """Release now and secure after ``duration_s`` seconds; a later call moves the deadline.

        Raises ValueError above the maximum on-time the driver was made with, DeviceError if the pin
        could not be driven. Returns when the pin has been written.
        """
        ...

    def secure(self) -> None:
        """Secure now. Raises DeviceError if the pin could not be driven."""
        ...

    def close(self) -> None:
        """Secure, and end the timer. Never raises.

        The pin stays driven: a maglock on a floating line lets go.
        """
        ...


class DigitalInput(Protocol):
    """A contact, exit button or fire relay. Edges coalesce, so the level is read again after each."""

    def active(self) -> bool:
        """The level now, as a statement: the door *is open*, the button *is pressed*, fire *is* reported."""
        ...

    def watch(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` after edges, from the driver's thread. It may only enqueue."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SignalStep:
    """For ``duration_s`` seconds: which lamps and whether the buzzer are on."""

    green: bool
    red: bool
    buzzer: bool
    duration_s: float


class Signal(Protocol):
    """Lamps and buzzer beside the reader. Played on the driver's thread; a new pattern replaces the old."""

    def play(self, steps: tuple[SignalStep, ...]) -> None: ...

    def close(self) -> None: ...


class Display(Protocol):
    """Lines of text beside the reader, shown on the driver's thread: nobody waits for a display.

    It is there from construction, whether or not the device is; one that was lost is found again.
    """

    @property
    def lost(self) -> bool:
        """The device could not be reached when it was last tried."""
        ...

    def show(self, lines: tuple[str, ...], duration_s: float) -> None:
        """Show at once and for so many seconds, then what is shown while there is nothing to tell.

        What is too long for a line is cut off. More lines than the display has are shown in turn, within
        the same time. Returns at once; a new text replaces the old.
        """
        ...

    def close(self) -> None:
        """Leave a last text behind, if it can still be shown. Never raises."""
        ...


class Output(Protocol):
    """A relay that follows the branch. It keeps its level until it is driven again, whatever its owner does.

    Nothing is touched before the first ``drive``.
    """

    def drive(self, *, on: bool) -> None:
        """Returns when the pin has been written. Raises DeviceError."""
        ...

    def close(self) -> None:
        """Take no more; the level stays. Never raises."""
        ...


class Sound(Protocol):
    """A recorded announcement and the loudspeaker it comes from. Nobody waits for it."""

    @property
    def failure(self) -> str | None:
        """Why it was not heard when it was last to be; None if it was. Unchanged while it is being played."""
        ...

    def play(self) -> None:
        """Begin to play it, unless it is being played already. Returns at once."""
        ...

    def close(self) -> None:
        """End it, also in the middle of a word. Never raises."""
        ...


# --- cameras -------------------------------------------------------------------------------------


TICKS_PER_S = 90_000
"""Of a picture's time stamps, as in RTP (RFC 6184, section 8.2.1)."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What a muxer needs to know of a stream to write it without decoding.

    codec: ffmpeg's name: ``h264``, which browsers play everywhere, or ``hevc`` (H.265), which few do.
    extradata: its parameter sets, in Annex B form (each after 00 00 00 01), as RTSP cameras give them.
    H.265 whose sets change is another stream: the camera is lost, and opened anew.
    """

    codec: str
    width: int
    height: int
    extradata: bytes


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One compressed picture, as the camera sent it, in Annex B form.

    pts, dts: when to show and when to decode it, 1/90,000 s, from one arbitrary origin. A camera may
    jump in either; they are passed on as they came.
    """

    payload: bytes
    pts: int
    dts: int
    keyframe: bool


class Camera(Protocol):
    """A camera that is being read. Opened by construction, which raises DeviceLost."""

    format: VideoFormat

    def packets(self) -> Iterator[VideoPacket]:
        """Video packets as they come, audio dropped. Ends only by raising DeviceLost."""
        ...

    def close(self) -> None:
        """Stop; may be called from another thread to end ``packets``. Never raises."""
        ...


# --- broker --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker accepted us. session_present: it still held our session.

    window: how many publishes it allows without its answer; the caller keeps to it.
    certified_until_us: when its certificate expires, wall time; None without TLS.
    """

    session_present: bool
    window: int
    certified_until_us: int | None = None


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The connection ended or was refused. reason: the broker's or the system's words."""

    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The broker's answer to one publish. reason: 0 success; 16 no subscriber; >= 128 refused (MQTT 5)."""

    token: int
    reason: int


@dataclass(frozen=True, slots=True)
class Received:
    """A message on a topic we subscribed to."""

    topic: str
    payload: bytes
    retained: bool


BrokerHappening = Connected | Disconnected | Answered | Received


class Broker(Protocol):
    """An MQTT connection that reconnects by itself. What happens is put on the queue it was made with."""

    def start(self) -> None:
        """Begin to connect. Returns at once; Connected or Disconnected follow on the queue."""
        ...

    def publish(self, topic: str, payload: bytes, *, retain: bool, content_type: str) -> int:
        """Send at QoS 1. Returns the token that Answered will carry. Raises DeviceLost when not connected.

        content_type: told to the receivers where the protocol can (MQTT 5).
        """
        ...

    def stop(self) -> None:
        """Say goodbye (the last will is published by us, not by the broker) and end the threads."""
        ...
