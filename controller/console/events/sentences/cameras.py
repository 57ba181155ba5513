"""Cameras, footage and room for it: the sentences."""

from __future__ import annotations

from collections.abc import Mapping

from controller.console.events.kinds import Kind
from controller.console.events.saying import Sentences, by, duration, many, number, phrase
from controller.core.event import Event, EventType

_FAULTS = {
    "unreadable": "its pictures cannot be decoded",
    "dark": "nothing to be seen, it is dark",
    "covered": "it is covered, or out of focus",
    "frozen": "the same picture again and again",
    "moved": "it looks elsewhere than it was set up to",
    "bad_clock": "its clock jumps",
    "low_bit_rate": "too few bits for a usable picture",
}
_CAUSES = {
    "service_stopped": "the recorder was stopped",
    "service_died": "the recorder had died",
    "camera_lost": "the camera was lost",
    "camera_stalled": "the camera sent nothing",
    "camera_jumped": "the camera's clock jumped",
    "camera_found": "the camera came back",
    "storage_full": "the disk was full",
    "disk_fault": "the disk could not be written",
    "file_missing": "a file was missing",
    "disk_missing": "the disk was not there",
    "policy": "the policy or the published notice did not allow it",
    "unreachable": "it cannot be reached",
    "continuous": "it is always recorded",
    "motion": "something moved",
    "door": "something happened at a door",
    "unwatched": "nobody can tell whether something moves",
    "memory_full": "the memory was full",
    "unmeasured": "it is not measured yet",
    "keyframes_too_rare": "its key frames are too far apart",
    "quiet": "nothing moved",
    "off": "it is switched off",
}


REFUSED: Mapping[str, str] = {
    "no_need": "no need was named",
    "not_staff": "this account has no role",
    "no_role": "this role may not",
    "training_lapsed": "training was out of date",
    "not_of_viewing": "it was not what the need was said for",
    "clock_untrusted": "the clock was not set",
    "restricted": "it is restricted",
}
"""Why staff were refused something."""


def _because(event: Event) -> str:
    cause = phrase(event, "cause", _CAUSES)
    return f": {cause}" if cause else ""


def _gap(event: Event) -> str:
    from_us, to_us = number(event, "from_us"), number(event, "to_us")
    long = ""
    if from_us is not None and to_us is not None:
        long = f" for {duration(max(0, to_us - from_us) // 1_000_000)}"
    return f"No footage{long}{_because(event)}"


def _clip(event: Event) -> str:
    length_ms = number(event, "length_ms")
    long = "" if length_ms is None else f" of {duration(round(length_ms / 1000))}"
    return f"A clip{long} was recorded"


def _learnt(event: Event) -> str:
    if event.data.get("usable") is False:
        return "The view was learnt, and shows too little to recognise it by"
    return "The view was learnt; whether it changes is watched"


def _room(event: Event) -> str:
    free_mb = number(event, "free_mb")
    return "" if free_mb is None else f" ({free_mb:,} MB free)"


def _forecast(event: Event) -> str:
    days = number(event, "days_left")
    return "Room for footage lasts" if days is None else f"Room for footage for {many(days, 'day')} more"


def _measured(event: Event) -> str:
    interval_us = number(event, "keyframe_interval_us") or 0
    rare = ", which is too far" if event.data.get("too_rare") is True else ""
    return f"Key frames are {interval_us / 1_000_000:.1f} s apart{rare}"


_M, _F, _R, _S = Kind.MOVEMENT, Kind.FAULT, Kind.RECORD, Kind.STAFF

SENTENCES: Sentences = {
    EventType.CAMERA_FOUND: (_F, "The camera sends pictures"),
    EventType.CAMERA_LOST: (_F, lambda event: f"The camera is lost{_because(event)}"),
    EventType.CAMERA_FAULT_STARTED: (_F, lambda event: f"Camera fault: {phrase(event, 'fault', _FAULTS)}"),
    EventType.CAMERA_FAULT_ENDED: (_F, lambda event: f"Camera fault over: {phrase(event, 'fault', _FAULTS)}"),
    EventType.CAMERA_MEASURED: (_R, _measured),
    EventType.CAMERA_PICTURE_TAKEN: (
        _S,
        lambda event: f"A set-up picture was taken{by(event)}",
    ),
    EventType.CAMERA_REFERENCE_ASKED: (_S, lambda event: f"The view is to be learnt anew, asked{by(event)}"),
    EventType.CAMERA_REFERENCE_LEARNT: (_R, _learnt),
    EventType.RECORDING_GAP: (_F, _gap),
    EventType.RECORDING_STOPPED: (_F, lambda event: f"Nothing is recorded{_because(event)}"),
    EventType.RECORDING_PAUSED: (_R, lambda event: f"Recording paused{_because(event)}"),
    EventType.RECORDING_RESUMED: (_R, lambda event: f"Recording goes on{_because(event)}"),
    EventType.MOTION_STARTED: (_M, "Something began to move"),
    EventType.MOTION_ENDED: (_M, "Nothing moves any more"),
    EventType.CLIP_RECORDED: (_M, _clip),
    EventType.STORAGE_FULL: (_F, lambda event: f"The disk is full{_room(event)}"),
    EventType.STORAGE_FREED: (_F, lambda event: f"There is room on the disk again{_room(event)}"),
    EventType.STORAGE_FORECAST: (_R, _forecast),
    EventType.STORAGE_RESERVE_USED: (
        _F,
        lambda event: f"The disk is full: the reserve of the {event.subject}'s journal is used",
    ),
    EventType.STORAGE_RESERVE_KEPT: (
        _F,
        lambda event: f"The reserve of the {event.subject}'s journal is kept again",
    ),
    EventType.CLIP_EXPORTED: (_S, lambda event: f"Footage was exported{by(event)}"),
    EventType.CLIP_SHOWN: (_S, lambda event: f"A clip was looked at{by(event)}"),
    EventType.FOOTAGE_VIEW_REFUSED: (
        _S,
        lambda event: f"Footage was refused{by(event)}: {phrase(event, 'cause', REFUSED)}",
    ),
}
