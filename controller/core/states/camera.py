"""How a camera is now, told from the recorder's journal. Never here: what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.core.event import Event, EventType, JsonValue, Stamp

UNKNOWN = "unknown"
RECORDING = "recording"
LOST = "lost"
RECORDER = "recorder"
"""The subject of what concerns all cameras."""
_PAUSED = {EventType.RECORDING_PAUSED: True, EventType.RECORDING_RESUMED: False}


@dataclass(frozen=True, slots=True)
class CameraState:
    """camera: its id. recording: in one word. stopped: nothing is recorded, whatever the cameras send.
    forbidden: nor is any camera asked for pictures, by the policy, until the recorder is started again.

    disk_failed: of this camera nothing is recorded, until it is found or its gap is told.
    paused: what it sends is not to be recorded now; it can be lost and found meanwhile.
    faults: what is wrong with the picture. seq, stamp: of the event that said so last.
    """

    camera: str
    sends: str = UNKNOWN
    paused: bool = False
    stopped: bool = False
    forbidden: bool = False
    disk_failed: bool = False
    faults: frozenset[str] = frozenset()
    seq: int = 0
    stamp: Stamp | None = None

    @property
    def recording(self) -> str:
        if self.forbidden:
            return "stopped"
        if self.sends != RECORDING:
            return self.sends
        return "stopped" if self.stopped or self.disk_failed else "paused" if self.paused else RECORDING

    def after(self, event: Event) -> CameraState:
        """The state once this event has happened; the same object when it says nothing about the camera."""
        changed = self._of_all(event) or (self._of_one(event) if event.subject == self.camera else None)
        return replace(changed, seq=event.seq, stamp=event.stamp) if changed else self

    def _of_all(self, event: Event) -> CameraState | None:
        match event.type:
            case EventType.SERVICE_STARTED:
                # A recorder that starts finds out anew what each camera sends; its faults it tells once.
                return CameraState(self.camera, faults=self.faults)
            case EventType.SERVICE_STOPPED:
                return replace(self, sends=UNKNOWN, forbidden=False)
            case EventType.RECORDING_STOPPED if (
                event.subject == RECORDER and event.data.get("cause") == "policy"
            ):
                return replace(self, forbidden=True)
            case EventType.RECORDING_STOPPED if event.subject == RECORDER:
                return replace(self, stopped=True)
            case EventType.STORAGE_FREED:
                return replace(self, stopped=False)
            case _:
                return None

    def _of_one(self, event: Event) -> CameraState | None:
        fault = str(event.data.get("fault", ""))
        match event.type:
            case EventType.CAMERA_FAULT_STARTED:
                return replace(self, faults=self.faults | {fault})
            case EventType.CAMERA_FAULT_ENDED:
                return replace(self, faults=self.faults - {fault})
            case EventType.RECORDING_STOPPED:
                return replace(self, disk_failed=True)
            case EventType.RECORDING_GAP if self.disk_failed:
                return replace(self, disk_failed=False)
            case EventType.CAMERA_FOUND:
                return replace(self, sends=RECORDING, disk_failed=False)
            case EventType.CAMERA_LOST:
                return replace(self, sends=LOST)
            case kind if kind in _PAUSED:
                return replace(self, paused=_PAUSED[kind])
            case _:
                return None

    @property
    def said(self) -> Mapping[str, JsonValue]:
        """In the words of messages."""
        return {
            "recording": self.recording,
            "faults": [*sorted(self.faults)],
        }
