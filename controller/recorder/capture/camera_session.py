"""One connection to a camera: its packets to segments or to the pre-roll, its keyframes to motion.

Packets are collected and passed on together when the next keyframe comes: the muxer would hold them until
then anyway, and code that runs once a second instead of for each picture costs a fraction.
Never here: connecting, and waiting (``camera_thread``); whether to record (``mode``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from controller.core.event import Stamp
from controller.devices import TICKS_PER_S, DeviceLost, VideoFormat, VideoPacket
from controller.footage.segment_name import SegmentName
from controller.footage.ticks import microseconds
from controller.recorder.activity import Latest
from controller.recorder.capture.camera_account import CameraAccount
from controller.recorder.capture.mode import Mode, ModeJudge
from controller.recorder.capture.pre_roll import Missing, PreRoll
from controller.recorder.capture.timeline import Timeline
from controller.recorder.capture.writing import Recording, Writing
from controller.recorder.happenings import GapCause, Measured, Reason
from controller.recorder.watching.health import Between, HealthWatch
from controller.recorder.watching.keyframe_watch import KeyframeWatch
from controller.recorder.watching.movement import Movement

STALL_TICKS = 2 * TICKS_PER_S
"""Two pictures further apart than this are a gap."""

MOST_PENDING = 64
"""Packets collected at most, for cameras with seconds between their keyframes."""

LONGEST_GROUP_US = 300_000_000
LARGEST_GROUP = 32 << 20
"""How long, and for how many bytes, the next keyframe is waited for. Till then the muxer keeps all pictures
in memory, and the segment cannot end, so that its first picture would grow too old."""

ENDED: dict[GapCause, Reason] = {
    GapCause.CAMERA_LOST: Reason.CAMERA_LOST,
    GapCause.SERVICE_STOPPED: Reason.SERVICE_STOPPED,
}
"""Ends of a connection before which the pre-roll is written: nobody will see what comes next."""

log = logging.getLogger(__name__)


class CameraSession:
    """Takes packets. ``take`` and ``end`` raise DiskFull, OSError, BadVideo; then call ``abandon``.

    ``take`` raises DeviceLost for a camera that has to be connected to anew; then call ``end``.
    """

    def __init__(
        self,
        recording: Recording,
        video: VideoFormat,
        account: CameraAccount,
        judge: ModeJudge,
        movement: Movement,
        health: HealthWatch,
        now: Callable[[], Stamp],
    ) -> None:
        self._account = account
        self._judge = judge
        self._now = now
        self._timeline = Timeline()
        self._pending: list[VideoPacket] = []
        self._writing = Writing(recording, video, account)
        self._pre_roll = PreRoll(judge.rules.pre_roll_us)
        self._to: Writing | PreRoll | None = None
        self._settled: Latest | None = None
        self._seen: Stamp | None = None
        self._watch = KeyframeWatch(video, recording.view if recording.motion else None, movement, health)
        self._pictures = self._bytes = 0
        self._keyframe_us: int | None = None
        self.began = False

    def take(self, packet: VideoPacket) -> None:
        """Take a packet that has just arrived. Nothing is kept before the first keyframe."""
        if not packet.keyframe:
            self._pictures += 1
            self._bytes += len(packet.payload)
            if self._bytes > LARGEST_GROUP or self._pictures % MOST_PENDING == 0:
                self._wait_for_keyframe()
        if packet.keyframe or not self._timeline.goes_on(packet):
            self._look_up(packet, self._now())
        elif self._to is not None:
            self._pending.append(packet)
            if len(self._pending) >= MOST_PENDING:
                self._pass_on()
            if self._to is self._pre_roll:
                self._wake()

    def _wait_for_keyframe(self) -> None:
        """Without end no longer."""
        now_us = self._now().mono_us
        if self._keyframe_us is None:
            self._keyframe_us = now_us
        if self._bytes > LARGEST_GROUP or now_us - self._keyframe_us > LONGEST_GROUP_US:
            raise DeviceLost(
                f"no keyframe for {(now_us - self._keyframe_us) // 1_000_000} s and {self._bytes} bytes; "
                "set the camera to one every second or two"
            )

    def _look_up(self, packet: VideoPacket, now: Stamp) -> None:
        """The packet is a keyframe or does not simply follow the one before."""
        self._pass_on()
        missing = self._place(packet, now)
        if packet.keyframe:
            if not self.began:
                self._judge.connected(now)
            self._measure(missing, now)
            self._choose(now)
        if self._to is not None:
            self._to.begin(self._timeline.on_the_line(packet), now, missing)
        if packet.keyframe:
            self.began = True
            self._keyframe_us = now.mono_us
            self._account.found(now)
            self._watch.look(packet, Between(self._pictures, self._bytes), now)
            self._pictures = self._bytes = 0

    def _place(self, packet: VideoPacket, now: Stamp) -> Missing | None:
        """Find the packet's place on the line; what is missing before it there."""
        since_us, last_dts = self._last_mono_us(), self._timeline.last_dts
        jumped = self._timeline.place(packet, now.mono_us)
        self._seen = now
        stalled = last_dts is not None and (self._timeline.last_dts or 0) - last_dts > STALL_TICKS
        if not (jumped or stalled) or not self._account.spares(now):
            return None
        return Missing(GapCause.CAMERA_JUMPED if jumped else GapCause.CAMERA_STALLED, since_us)

    def _pass_on(self) -> None:
        if self._pending and self._to is not None:
            self._to.extend([self._timeline.on_the_line(packet) for packet in self._pending])
        self._pending.clear()

    def _last_mono_us(self) -> int:
        """When the last picture came: as long after the last look at the clock as its stamp says.

        No later than now: what a camera says must not keep footage for longer.
        """
        if self._seen is None:
            return 0
        return min(self._seen.mono_us + self._timeline.since_placed_us(), self._now().mono_us)

    def _measure(self, missing: Missing | None, now: Stamp) -> None:
        if missing is not None or not self.began:
            self._judge.interval.interrupted()
        if self._judge.interval.keyframe(microseconds(self._timeline.last_dts or 0)) and self._account.spares(
            now
        ):
            self._tell_interval(now)

    def _tell_interval(self, now: Stamp) -> None:
        judge, too_rare = self._judge, None
        interval_us = judge.interval.us or 0
        if Mode.ACTIVITY in judge.rules.modes:
            too_rare = judge.too_rare
        if too_rare:
            log.warning(
                "camera %s: its keyframes are %.1f s apart; recorded continuously, since pre_roll_s and "
                "post_roll_s must be at least twice that: set them higher, or the keyframes closer",
                self._account.camera,
                interval_us / 1_000_000,
            )
        self._account.tell(Measured(self._account.camera, interval_us, too_rare, now))

    # --- to segments, to the pre-roll, or nowhere ----------------------------------------------------

    def _choose(self, now: Stamp) -> None:
        """A keyframe came: from here on what comes may go elsewhere."""
        self._settled = self._judge.activity.latest
        judgement = self._judge.judgement(now)
        if judgement.record:
            self._record(judgement.reason, now)
            return
        if self._writing.under_way:
            self._writing.close(now.mono_us)
        if judgement.mode is Mode.OFF:
            self._pre_roll.take()
            self._account.not_wanted(now)
        self._to = self._pre_roll if judgement.mode is Mode.ACTIVITY else None
        self._account.paused(judgement.reason, now)

    def _wake(self) -> None:
        """While nothing is recorded: has anything happened, or has the memory filled?"""
        if self._pre_roll.full:
            now = self._now()
            self._judge.activity.happened(Reason.MEMORY_FULL, now.mono_us)
            self._record(Reason.MEMORY_FULL, now)
        elif self._judge.activity.latest is not self._settled:
            now, self._settled = self._now(), self._judge.activity.latest
            judgement = self._judge.judgement(now)
            if judgement.record:
                self._record(judgement.reason, now)

    def _record(self, reason: Reason, now: Stamp) -> None:
        """What comes goes to segments, after what there is in memory."""
        self._pass_on()
        self._to = self._writing
        runs = self._pre_roll.take()
        self._account.resumed(reason, runs[0].at.wall_us if runs else now.wall_us, now)
        for run in runs:
            self._writing.begin(run.packets[0], run.at, run.missing)
            self._writing.extend(run.packets[1:])

    # --- the end --------------------------------------------------------------------------------------

    def end(self, cause: GapCause) -> None:
        """The camera is gone or recording must stop: close the segment after its last picture."""
        if self._to is self._pre_roll and cause in ENDED:
            self._record(ENDED[cause], self._now())
        if self._to is not None:
            self._account.interrupted(self._last_mono_us(), cause)
        self._pass_on()
        self._writing.close(self._last_mono_us())
        self._watch.end()

    def abandon(self, cause: GapCause) -> SegmentName | None:
        """The disk failed: the segment that is left to be repaired."""
        return self._writing.abandon(cause)
