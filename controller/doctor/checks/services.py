"""The services: does each run, does it answer, and has it ended in disorder of late?

As they show it themselves, with systemd or without: a process that may write the service's journal is the
service. Never here: what systemd makes of it (``units``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from controller.assurance.words import many
from controller.core.event import Event, EventType
from controller.core.local_time import local_time
from controller.core.states.camera import CameraState
from controller.core.states.service import STOPPED, ServiceState
from controller.decommission.destroying import last_begun
from controller.doctor.context import Context, NoSettings
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.doctor.machine import Process
from controller.ipc.client import NoAnswer, WrongServer, ask
from controller.ipc.membership_commands import server_uids
from controller.ipc.messages import Request
from controller.settings.paths import JOURNALS
from controller.store.engine import DatabaseMissing

PART = "services"
HOUR_US = 3_600_000_000
LOOKED_BACK_US = 24 * HOUR_US
OFTEN = 3
"""So many ends in disorder within an hour are one fault, not several accidents."""
ANSWER_S = 3.0
QUIET_US = 150_000_000
"""A recorder that runs leaves a sign every half minute."""


def look(context: Context) -> Iterator[Finding]:
    yield from _closed(context)
    writers = context.machine.writers(map(context.paths.journal, JOURNALS))
    for service in JOURNALS:
        if service == "uplink" and not _sends(context):
            yield ok(PART, "uplink has nothing to do (mqtt.enabled)")
            continue
        context.told(f"looking at {service}")
        yield _runs(context, service, writers[context.paths.journal(service)])
        yield from _ended_in_disorder(context, service)


def _closed(context: Context) -> Iterator[Finding]:
    """Where the branch was decommissioned, no service can run, and nothing else here says why."""
    try:
        settings = context.settings
    except NoSettings:
        return
    begun, done = last_begun(settings)
    if begun is None:
        return
    day = local_time((done or begun).stamp.wall_us, ZoneInfo(settings.branch.timezone)).date()
    if done:
        remedy = "destroy its media (docs/decommissioning.md)"
        yield hint(PART, f"the branch was decommissioned on {day}", remedy)
    else:
        what = f"the branch began to be decommissioned on {day}, which was interrupted"
        yield fault(PART, what, "run `unlocked decommission` again: it goes on where it ended")


def _sends(context: Context) -> bool:
    try:
        return context.settings.mqtt.enabled
    except NoSettings:
        return True


def _runs(context: Context, service: str, running: list[Process] | None) -> Finding:
    start = _start(context, service)
    if running is None:
        word = context.journals[service].one(ServiceState).word
        if word == STOPPED:
            return fault(PART, f"{service} does not run: it has stopped, by its journal", start)
        return unknown(PART, f"{service}: whether it runs may not be looked at", "run it as root")
    if not running:
        return fault(PART, f"{service} does not run", start)
    pids = ", ".join(str(one.pid) for one in running)
    again = f"`systemctl restart unlocked-{service}`; its watchdog does so by itself after a while"
    if all(one.state == "T" for one in running):
        return fault(PART, f"{service} hangs: its process ({pids}) is stopped", again)
    try:
        why = _hangs(context, service)
    except NoSettings:
        return unknown(PART, f"{service} runs ({pids}); not asked, since the settings cannot be used")
    if why:
        return fault(PART, f"{service} hangs: its process ({pids}) is there, and {why}", again)
    return ok(PART, f"{service} runs")


def _start(context: Context, service: str) -> str:
    if context.faults:
        return "see settings: no service starts without them"
    if not context.machine.has_systemd:
        return "whoever runs the services here starts it; `unlocked run` starts all"
    return f"`systemctl start unlocked-{service}`, then `journalctl -u unlocked-{service}`"


def _hangs(context: Context, service: str) -> str:
    """Why it is to be thought so; empty: it answers, or there is nothing to ask it."""
    match service:
        case "door":
            return "" if context.door is not None else "it does not answer"
        case "membership":
            path = context.paths.socket(service)
            try:
                ask(path, Request("status"), server_uids=server_uids(), deadline_s=ANSWER_S)
            except (NoAnswer, WrongServer):
                return "it does not answer"
        case "recorder":
            return _quiet(context)
        case "console":
            console = context.settings.console
            if console.pages and console.port:
                why = context.machine.answers(console.address, console.port)
                return f"its pages do not answer at {console.address}:{console.port}" if why else ""
    return ""


def _quiet(context: Context) -> str:
    """It leaves no sign where it may not record, and then its journal says so."""
    if any(state.forbidden for state in context.journals["recorder"].all_of(CameraState)):
        return ""
    try:
        alive_us = context.paths.recorder_alive.stat().st_mtime_ns // 1000
    except FileNotFoundError:
        return ""  # it has not recorded yet
    quiet_s = (context.now.wall_us - alive_us) // 1_000_000
    return f"it has left no sign of life for {quiet_s} s" if quiet_s * 1_000_000 > QUIET_US else ""


# --- how it ended ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ends:
    """killed: starts in the same boot as the one before, with no order between. cut: in another boot."""

    killed: tuple[Event, ...]
    cut: tuple[Event, ...]


def _ended_in_disorder(context: Context, service: str) -> Iterator[Finding]:
    ends = _ends(context, service)
    if ends.killed:
        count, last = len(ends.killed), ends.killed[-1]
        lately = [one for one in ends.killed if one.stamp.wall_us > context.now.wall_us - HOUR_US]
        what = f"{service} was killed or crashed {many(count, 'time')} in a day; back {_at(context, last)}"
        remedy = f"`journalctl -u unlocked-{service}` says why; report it with the support bundle"
        yield (fault if len(lately) >= OFTEN else hint)(PART, what, remedy)
    if ends.cut and service == "door":  # the power of one is the power of all
        yield hint(
            PART,
            f"the power was cut, or the machine hung, {many(len(ends.cut), 'time')} in a day; it was back "
            f"{_at(context, ends.cut[-1])}",
            "if nobody pulled the plug, see power; a battery for the supply is worth its money",
        )


def _ends(context: Context, service: str) -> _Ends:
    types = (EventType.SERVICE_STARTED, EventType.SERVICE_STOPPED)
    killed: list[Event] = []
    cut: list[Event] = []
    before: Event | None = None
    try:
        events = list(context.journal(service).since(context.now.wall_us - LOOKED_BACK_US, types))
    except DatabaseMissing:
        return _Ends((), ())
    for event in events:
        if event.type is EventType.SERVICE_STARTED and before and before.type is EventType.SERVICE_STARTED:
            (killed if event.stamp.boot_id == before.stamp.boot_id else cut).append(event)
        before = event
    return _Ends(tuple(killed), tuple(cut))


def _at(context: Context, event: Event) -> str:
    try:
        zone = ZoneInfo(context.settings.branch.timezone)
    except NoSettings:
        zone = ZoneInfo("UTC")
    return f"at {local_time(event.stamp.wall_us, zone):%Y-%m-%d %H:%M:%S}"
