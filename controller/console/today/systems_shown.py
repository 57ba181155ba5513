"""What stands behind the doors, in words: memberships, library system, broker, clock, disks, records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from controller.console.today.cameras_shown import forecast
from controller.console.today.known import Disk, Known
from controller.console.today.shown import Matter, Rank, Row, Tone
from controller.core.forecast import GIGABYTE
from controller.core.local_time import local_date
from controller.core.states.backup import BackupState
from controller.core.states.broker import BrokerState
from controller.core.states.certificates import CertificatesState
from controller.core.states.imported import ImportedState
from controller.core.states.memberships import MembershipsState
from controller.core.states.service import STOPPED, ServiceState

LITTLE = 0.05
"""Less than this share of a disk that is free wants somebody."""
TROUBLES: Mapping[str, str] = {
    "unreachable": "it cannot be reached",
    "untrusted": "its certificate is not the one it should have",
    "login_refused": "it refuses our login",
    "timed_out": "it takes too long to answer",
    "garbled": "its answers cannot be read",
    "offline": "it says itself that it is offline",
}
CERTIFICATES: Mapping[str, str] = {
    "branch": "The branch's certificate for the broker",
    "authority": "The certificate of the authority behind the broker",
    "broker": "The broker's certificate",
}
LATE = "older"
"""Of a feed's file: it came twice, or was overtaken. No fault of anybody's."""
SERVICES: Mapping[str, str] = {
    "door": "the door",
    "recorder": "the recorder",
    "membership": "the membership service",
    "uplink": "the uplink",
    "console": "the console",
}


def system_rows(known: Known) -> tuple[Row, ...]:
    return (
        _memberships(known),
        _lms(known),
        _broker(known),
        _clock(known),
        *(_disk(disk, known) for disk in known.disks),
        _backup(known),
    )


def newest(known: Known) -> ImportedState:
    """The import that tells of the latest time: by the feed, or by hand."""
    found = [known.journals[service].one(ImportedState) for service in ("membership", "console")]
    return max(found, key=lambda state: state.as_of_us or 0)


def _memberships(known: Known) -> Row:
    journal, imported = known.journals["membership"], newest(known)
    state = journal.one(MembershipsState)
    detail = "" if imported.members is None else f"{imported.members:,} memberships."
    when_us = imported.as_of_us
    if not known.members_answer:
        return Row("Memberships", "No answer", Tone.BAD, "The membership service does not answer.")
    if state.copy == "stale":
        return Row("Memberships", "Too old", Tone.BAD, detail, when_us, as_of=True)
    if state.copy == "fresh":
        return Row("Memberships", "Fresh", Tone.GOOD, detail, when_us, as_of=True)
    return Row("Memberships", "Not known", Tone.LOOK, detail, when_us, as_of=True)


def _lms(known: Known) -> Row:
    name = "Library management system"
    if known.settings.lms is None:
        return Row(name, "None set", Tone.PLAIN, "Cards are checked against the imported memberships alone.")
    if not known.members_answer:
        return Row(name, "Not known", Tone.LOOK, "The membership service, which asks it, does not answer.")
    journal = known.journals["membership"]
    state = journal.one(MembershipsState)
    since_us = journal.since(state, f"lms {state.lms}")
    match state.lms:
        case "lost":
            return Row(name, "Not reached", Tone.BAD, _trouble(state), since_us)
        case "unusable":
            return Row(name, "Unusable", Tone.BAD, "Its answers are not enough to count.", since_us)
        case "answers":
            return Row(name, "Answers", Tone.GOOD, when_us=since_us)
        case _:
            return Row(name, "Not lost yet", Tone.PLAIN, "Nothing was said against it since records began.")


def _trouble(state: MembershipsState) -> str:
    return f"{TROUBLES.get(state.reason, state.reason).capitalize()}."


def _broker(known: Known) -> Row:
    if not known.settings.mqtt.enabled:
        return Row("Broker", "Off", Tone.PLAIN, "Nothing is sent anywhere (mqtt.enabled).")
    journal = known.journals["uplink"]
    state, service = journal.one(BrokerState), journal.one(ServiceState)
    since_us = journal.since(state, state.word)
    if service.word == STOPPED:
        stopped_us = journal.since(service, STOPPED)
        return Row("Broker", "Nothing is sent", Tone.LOOK, "The uplink is not running.", stopped_us)
    match state.word:
        case "connected":
            return Row("Broker", "Connected", Tone.GOOD, when_us=since_us)
        case "refused":
            return Row("Broker", "Refuses an event", Tone.LOOK, "It is tried again and again.", since_us)
        case "lost":
            return Row("Broker", "Not connected", Tone.LOOK, "Events wait here; none is lost.", since_us)
        case _:
            return Row("Broker", "Not reached yet", Tone.LOOK, "Events wait here; none is lost.", since_us)


def _clock(known: Known) -> Row:
    if _clock_is_trusted(known):
        return Row("Clock", "Set", Tone.GOOD)
    return Row("Clock", "Not to be believed", Tone.BAD, "Cards are refused, and nothing is destroyed.")


def _clock_is_trusted(known: Known) -> bool:
    return known.answer.clock_trusted if known.answer else known.clock_trusted


def _disk(disk: Disk, known: Known) -> Row:
    free = f"{_gigabytes(disk.free)} of {_gigabytes(disk.total)} free."
    detail = f"{free} {forecast(known)}".strip() if "footage" in disk.name else free
    name = f"Disk of {disk.name}"
    if _little(disk):
        return Row(name, "Little room", Tone.LOOK, detail)
    return Row(name, "Room", Tone.GOOD, detail)


def _little(disk: Disk) -> bool:
    return disk.free < disk.total * LITTLE


def _gigabytes(size: int) -> str:
    return f"{size / GIGABYTE:.1f} GB" if size < 10 * GIGABYTE else f"{size // GIGABYTE} GB"


def _backup(known: Known) -> Row:
    backup = known.settings.backup
    if backup is None:
        return Row("Backup", "None set", Tone.PLAIN, "With the disk goes all that is recorded here.")
    state = known.journals["console"].one(BackupState)
    if state.late(known.now_us, backup.late_after_h):
        return Row("Backup", "Late", Tone.LOOK, _why_late(state), state.made_us, as_of=True)
    return Row("Backup", "Made", Tone.GOOD, _why_late(state), state.made_us, as_of=True)


def _why_late(state: BackupState) -> str:
    return f"The last attempt failed: {state.why}." if state.failed else ""


def system_matters(known: Known) -> Iterator[Matter]:
    if not _clock_is_trusted(known):
        yield Matter(
            "clock",
            Rank.NOW,
            "The clock is not to be believed: cards are refused, and nothing is destroyed",
            "Give the controller a network for its time, or fit a battery clock.",
        )
    yield from _of_memberships(known)
    yield from _of_the_broker(known)
    if (row := _backup(known)).tone is Tone.LOOK:
        detail = row.detail or "Start unlocked-backup.service, and see what it says."
        yield Matter("backup", Rank.SOON, "No backup was made of late", detail, row.when_us)
    for disk in known.disks:
        if _little(disk):
            yield Matter(
                f"disk-{disk.name}",
                Rank.SOON,
                f"There is little room on the disk of {disk.name}",
                "When it is full, doors may let nobody in and nothing is recorded. Make room.",
            )
    for service, journal in known.journals.items():
        if journal.trouble:
            yield Matter(
                f"journal-{service}",
                Rank.SOON,
                f"The records of {SERVICES[service]} cannot be read: what is shown of it may be old",
                f"Call your engineer: {journal.trouble}.",
            )


def _of_memberships(known: Known) -> Iterator[Matter]:
    journal, imported = known.journals["membership"], newest(known)
    state = journal.one(MembershipsState)
    if not known.members_answer:
        yield Matter(
            "membership",
            Rank.SOON,
            "The membership service does not answer",
            "The door goes on with the memberships it has. Start unlocked-membership.service again.",
        )
    if known.answer is not None and not known.answer.memberships:
        yield Matter(
            "members-unreadable",
            Rank.NOW,
            "The door cannot read the memberships: no card opens it",
            "Call your engineer.",
        )
    elif state.copy == "stale":
        title = "The memberships are too old" if imported.members else "There are no memberships"
        yield Matter(
            "members-stale",
            Rank.NOW,
            f"{title}: cards are refused unless the library system vouches for them",
            "Import a newer file, or see why none has come.",
            journal.since(state, "copy stale"),
        )
    feed = journal.one(ImportedState)
    if feed.refused and feed.refused != LATE:
        yield Matter(
            "feed",
            Rank.SOON,
            f"The last file of memberships was not taken in: {feed.refused.replace('_', ' ')}",
            "The branch goes on with what it has. See the page of memberships.",
            journal.since(feed, "refused"),
        )
    if known.settings.lms is None or not known.members_answer:
        return
    if state.lms == "lost":
        yield Matter(
            "lms",
            Rank.SOON,
            f"The library management system is not reached: {TROUBLES.get(state.reason, state.reason)}",
            "Cards are checked against the imported memberships. `unlocked lms status` says more.",
            journal.since(state, "lms lost"),
        )
    elif state.lms == "unusable":
        yield Matter(
            "lms",
            Rank.SOON,
            "The answers of the library management system are not enough to count",
            "`unlocked lms probe` says what is missing.",
            journal.since(state, "lms unusable"),
        )


def _of_the_broker(known: Known) -> Iterator[Matter]:
    if not known.settings.mqtt.enabled:
        return
    journal = known.journals["uplink"]
    for whose, until_us in journal.one(CertificatesState).until_us.items():
        day = local_date(until_us, ZoneInfo(known.settings.branch.timezone))
        yield Matter(
            f"certificate-{whose}",
            Rank.SOON,
            f"{CERTIFICATES.get(whose, whose)} is valid until {day.day} {day:%B %Y}",
            "From then on nothing is sent to the broker. Call your engineer, who renews it.",
            journal.since(journal.one(CertificatesState), whose),
        )
    state, service = journal.one(BrokerState), journal.one(ServiceState)
    if service.word == STOPPED:
        yield Matter(
            "uplink",
            Rank.KNOW,
            "The uplink is not running: nothing is sent to the broker",
            "Events wait here and are sent later; none is lost. Start unlocked-uplink.service again.",
            journal.since(service, STOPPED),
        )
    if state.word in ("lost", "refused"):
        yield Matter(
            "broker",
            Rank.KNOW,
            "The broker is not reached" if state.word == "lost" else "The broker refuses an event",
            "Events wait here and are sent later; none is lost, and doors and cameras go on.",
            journal.since(state, state.word),
        )
