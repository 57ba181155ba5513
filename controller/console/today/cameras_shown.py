"""The cameras and the room for footage in words. Never here: what a camera shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from controller.console.today.known import Known
from controller.console.today.shown import Matter, Rank, Row, Tone
from controller.core.states.camera import CameraState
from controller.core.states.footage import FootageState
from controller.core.states.service import STARTED, ServiceState

RECORDING: Mapping[str, tuple[str, Tone, str]] = {
    "recording": ("Recording", Tone.GOOD, ""),
    "paused": ("Not recording now", Tone.PLAIN, "Nothing moves, or it is not to record at this hour."),
    "lost": ("No pictures", Tone.BAD, "Is it plugged in? Can the network reach it?"),
    "stopped": ("Not recording", Tone.BAD, "The disk is full or fails, or the policy forbids it."),
    "unknown": ("Not known", Tone.LOOK, "The recorder has not seen it yet, or is not running."),
}
FAULTS: Mapping[str, str] = {
    "unreadable": "its pictures cannot be decoded",
    "dark": "it is dark, or something black is before the lens",
    "covered": "it is covered, blinded or out of focus",
    "frozen": "it sends the same picture again and again",
    "moved": "it does not see what it was set up to see",
    "bad_clock": "its time stamps are wrong",
    "low_bit_rate": "it sends too little for a usable picture",
}
SOON_DAYS = 7
"""A disk that is full within so many days wants somebody."""


def camera_rows(known: Known) -> tuple[Row, ...]:
    journal, quiet = known.journals["recorder"], not _runs(known)
    rows = []
    for state in journal.all_of(CameraState):
        recording = "unknown" if quiet and not state.forbidden else state.recording
        word, tone, detail = RECORDING[recording]
        if state.faults:
            faults = "; ".join(FAULTS.get(fault, fault) for fault in sorted(state.faults))
            detail = f"{faults.capitalize()}. {detail}".strip()
            tone = Tone.LOOK if tone in (Tone.GOOD, Tone.PLAIN) else tone
        rows.append(Row(state.camera, word, tone, detail, journal.since(state, recording)))
    return tuple(rows)


def camera_matters(known: Known) -> Iterator[Matter]:
    if not known.settings.cameras:
        return
    journal = known.journals["recorder"]
    if not _runs(known):
        yield Matter(
            "recorder",
            Rank.SOON,
            "The recorder is not running: nothing is recorded",
            "Start unlocked-recorder.service again, or call your engineer.",
        )
    footage, cameras = journal.one(FootageState), journal.all_of(CameraState)
    if any(state.forbidden for state in cameras):
        yield Matter(
            "policy",
            Rank.SOON,
            "Nothing is recorded: the policy or the privacy notice forbids it",
            "`unlocked check` says what is missing.",
        )
    if footage.full:
        yield Matter(
            "disk-full",
            Rank.NOW,
            "The disk is full: nothing is recorded",
            "Make room for footage. What is held is never destroyed to make any.",
            journal.since(footage, "full"),
        )
    elif isinstance(footage.days_left, int) and footage.days_left <= SOON_DAYS:
        yield Matter(
            "disk-soon",
            Rank.SOON,
            f"The footage disk will be full in {_days(footage.days_left)}",
            "Then recording stops. Fit a larger disk, or see what is held.",
        )
    if footage.overdue:
        yield Matter(
            "overdue",
            Rank.SOON,
            f"{footage.overdue} recorded files should have been destroyed and are still there",
            "See the page of holds and disposals.",
            journal.since(footage, "overdue"),
        )
    for state in cameras:
        if state.sends == "lost" and not state.forbidden:
            yield Matter(
                f"camera-lost-{state.camera}",
                Rank.SOON,
                f"Camera {state.camera} sends no pictures",
                RECORDING["lost"][2],
                journal.since(state, "lost"),
            )
        for fault in sorted(state.faults):
            yield Matter(
                f"camera-{fault}-{state.camera}",
                Rank.SOON,
                f"Camera {state.camera}: {FAULTS.get(fault, fault)}",
                "Go and look at it. Staff trained for CCTV can check its picture.",
                journal.since(state, fault),
            )


def forecast(known: Known) -> str:
    """Of the footage disk, in a sentence; empty where no camera is."""
    if not known.settings.cameras:
        return ""
    days_left = known.journals["recorder"].one(FootageState).days_left
    if isinstance(days_left, int):
        return f"By the last forecast it is full in {_days(days_left)}."
    return "It is not foreseen to be full."


def _days(days: int) -> str:
    return "less than a day" if days == 0 else "1 day" if days == 1 else f"{days} days"


def _runs(known: Known) -> bool:
    return not known.recorder_quiet and known.journals["recorder"].one(ServiceState).word == STARTED
