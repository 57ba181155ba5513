"""The cameras: does each send pictures, is it recorded, and is what it shows of use? Never here: pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from controller.console.today.cameras_shown import FAULTS
from controller.core.states.camera import CameraState
from controller.core.states.service import STARTED, ServiceState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.settings.recording import CameraSettings

PART = "camera"
RTSP_PORT = {"rtsp": 554, "rtsps": 322}


def look(context: Context) -> Iterator[Finding]:
    settings = context.settings
    if not settings.cameras:
        yield ok(PART, "none is set")
        return
    journal = context.journals["recorder"]
    runs = journal.one(ServiceState).word == STARTED
    states = {state.camera: state for state in journal.all_of(CameraState)}
    if any(state.forbidden for state in states.values()):
        yield fault(PART, "nothing is recorded: policy or privacy notice forbid it", "see policy")
    for camera in settings.cameras:
        state = states[camera.id]
        if not state.forbidden:
            yield _recorded(context, camera, state, runs=runs)
        for one in sorted(state.faults):
            yield fault(
                PART,
                f"camera {camera.id}: {FAULTS.get(one, one)}",
                f"go there; `unlocked camera watch {camera.id}` says what it sees (docs/cameras.md)",
            )


def _recorded(context: Context, camera: CameraSettings, state: CameraState, *, runs: bool) -> Finding:
    name = f"camera {camera.id}"
    if not runs:
        return unknown(PART, f"{name}: not known, since the recorder does not run", "see services")
    match state.recording:
        case "recording":
            return ok(PART, f"{name}: sends pictures, and is recorded")
        case "paused":
            return ok(PART, f"{name}: sends pictures; it is not to be recorded now")
        case "lost":
            return _lost(context, camera)
        case "stopped":
            return fault(PART, f"{name}: it is not recorded, since the disk is full or fails", "see disk")
        case _:
            return hint(
                PART,
                f"{name}: the recorder has not had a picture of it yet",
                "wait for a minute, then look again",
            )


def _lost(context: Context, camera: CameraSettings) -> Finding:
    """Why not: as far as can be told without its password."""
    name = f"camera {camera.id}: no pictures"
    if camera.kind != "rtsp":
        there = not camera.device.startswith("/") or Path(camera.device).exists()
        return fault(
            PART,
            f"{name}, and it is {'there' if there else 'not there'}",
            "look at its cable; start it again",
        )
    address = urlsplit(camera.url)
    host, port = address.hostname or "", address.port or RTSP_PORT[address.scheme]
    why = context.machine.answers(host, port)
    if why is not None:
        return fault(
            PART,
            f"{name}: {host}:{port}: {why}",
            "look at its power, its network cable and its address (`unlocked camera find`)",
        )
    return fault(
        PART,
        f"{name}, although {host}:{port} takes connections",
        f"look at its user, password and the path in its url (`unlocked camera watch {camera.id}`)",
    )
