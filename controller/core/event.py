"""Events: what happened, as every journal, log line and message carries it.

Here: the event value, the catalogue of types, and ids. Never here: personal data. An event's ``data``
holds enumerations, numbers and device names; whatever tells of a person is sealed (see ``chain``) and
travels beside the event, not in it. ``subject`` is a device, never a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

JsonValue = str | int | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
"""JSON without floating point: a number that must be exact in a hash is an integer with a unit."""


class EventType(StrEnum):
    """Every type of event there is. The part before the dot is the noun a reader filters by."""

    SERVICE_STARTED = "service.started"
    SERVICE_STOPPED = "service.stopped"
    JOURNAL_RECOVERED = "journal.recovered"
    JOURNAL_RESTORED = "journal.restored"

    ACCESS_GRANTED = "access.granted"
    ACCESS_REFUSED = "access.refused"
    ACCESS_NOT_NEEDED = "access.not_needed"
    ACCESS_OUTCOME = "access.outcome"
    ACCESS_EXPLAINED = "access.explained"

    DOOR_UNLOCKED = "door.unlocked"
    DOOR_LOCKED = "door.locked"
    DOOR_OPENED = "door.opened"
    DOOR_CLOSED = "door.closed"
    DOOR_FORCED = "door.forced"
    DOOR_HELD_WARNING = "door.held_warning"
    DOOR_HELD = "door.held"
    DOOR_UNUSED = "door.unused"
    DOOR_HOLD_OPEN_STARTED = "door.hold_open_started"
    DOOR_HOLD_OPEN_ENDED = "door.hold_open_ended"
    DOOR_FAULT = "door.fault"
    EXIT_REQUESTED = "exit.requested"
    FIRE_STARTED = "fire.started"
    FIRE_ENDED = "fire.ended"
    FIRE_RELEASE_SEEN = "fire.release_seen"
    LOCKDOWN_STARTED = "lockdown.started"
    LOCKDOWN_ENDED = "lockdown.ended"
    EVACUATION_STARTED = "evacuation.started"
    EVACUATION_ENDED = "evacuation.ended"
    LOCK_FAULT_STARTED = "lock.fault_started"
    LOCK_FAULT_ENDED = "lock.fault_ended"
    TAMPER_STARTED = "tamper.started"
    TAMPER_ENDED = "tamper.ended"
    POWER_MAINS_LOST = "power.mains_lost"
    POWER_MAINS_BACK = "power.mains_back"
    POWER_BATTERY_LOW = "power.battery_low"
    POWER_BATTERY_OK = "power.battery_ok"
    POWER_STOPPING = "power.stopping"
    HELP_REQUESTED = "help.requested"
    HELP_ENDED = "help.ended"
    COMMAND_RECEIVED = "command.received"
    LOCKOUT_STARTED = "lockout.started"
    LOCKOUT_ENDED = "lockout.ended"
    READER_LOST = "reader.lost"
    READER_FOUND = "reader.found"
    READER_BABBLING = "reader.babbling"
    READER_CALM = "reader.calm"
    READER_SILENT = "reader.silent"
    READER_HEARD = "reader.heard"
    READER_PAIRED = "reader.paired"
    PASSAGE_REOPENED = "passage.reopened"
    PASSAGE_LONG = "passage.long"
    PASSAGE_MORE_THAN_GRANTED = "passage.more_than_granted"
    OCCUPANCY_CHANGED = "occupancy.changed"
    OUTPUT_ON = "output.on"
    OUTPUT_OFF = "output.off"
    OUTPUT_FAULT = "output.fault"
    ANNOUNCEMENT_MADE = "announcement.made"
    CLOCK_TRUSTED = "clock.trusted"
    CLOCK_UNTRUSTED = "clock.untrusted"

    CAMERA_FOUND = "camera.found"
    CAMERA_LOST = "camera.lost"
    CAMERA_FAULT_STARTED = "camera.fault_started"
    CAMERA_FAULT_ENDED = "camera.fault_ended"
    CAMERA_MEASURED = "camera.measured"
    CAMERA_PICTURE_TAKEN = "camera.picture_taken"
    CAMERA_REFERENCE_ASKED = "camera.reference_asked"
    CAMERA_REFERENCE_LEARNT = "camera.reference_learnt"
    RECORDING_GAP = "recording.gap"
    RECORDING_STOPPED = "recording.stopped"
    RECORDING_PAUSED = "recording.paused"
    RECORDING_RESUMED = "recording.resumed"
    MOTION_STARTED = "motion.started"
    MOTION_ENDED = "motion.ended"
    CLIP_RECORDED = "clip.recorded"
    CLIP_EXPORTED = "clip.exported"
    CLIP_SHOWN = "clip.shown"
    STORAGE_FULL = "storage.full"
    STORAGE_FREED = "storage.freed"
    STORAGE_FORECAST = "storage.forecast"
    STORAGE_RESERVE_USED = "storage.reserve_used"
    STORAGE_RESERVE_KEPT = "storage.reserve_kept"
    DISPOSAL_STARTED = "disposal.started"
    DISPOSAL_CERTIFICATE = "disposal.certificate"
    RETENTION_OVERDUE = "retention.overdue"
    RETENTION_HELD = "retention.held"

    MEMBERSHIP_IMPORTED = "membership.imported"
    MEMBERSHIP_IMPORT_SHREDDED = "membership.import_shredded"
    MEMBERSHIP_FEED_REFUSED = "membership.feed_refused"
    MEMBERSHIP_SHOWN = "membership.shown"
    MEMBERSHIP_LISTED = "membership.listed"
    MEMBERSHIP_UNLISTED = "membership.unlisted"
    MEMBERSHIP_STALE = "membership.stale"
    MEMBERSHIP_FRESH = "membership.fresh"

    LMS_LOST = "lms.lost"
    LMS_FOUND = "lms.found"
    LMS_UNUSABLE = "lms.unusable"
    LMS_PLAUSIBLE = "lms.plausible"

    HOLD_ADDED = "hold.added"
    HOLD_END_PROPOSED = "hold.end_proposed"
    HOLD_ENDED = "hold.ended"
    HOLD_REVIEWED = "hold.reviewed"
    RESTRICTION_ADDED = "restriction.added"
    RESTRICTION_SUBJECT_INFORMED = "restriction.subject_informed"
    RESTRICTION_LIFTED = "restriction.lifted"

    POLICY_IN_FORCE = "policy.in_force"
    POLICY_UNUSABLE = "policy.unusable"
    NOTICE_PUBLISHED = "notice.published"
    NOTICE_DIFFERS = "notice.differs"

    IDENTITY_ASKED = "identity.asked"
    IDENTITY_APPROVED = "identity.approved"
    IDENTITY_OPENED = "identity.opened"
    IDENTITY_REFUSED = "identity.refused"
    IDENTITY_KEY_BROUGHT = "identity.key_brought"
    IDENTITY_KEY_FORGOTTEN = "identity.key_forgotten"
    FOOTAGE_VIEWED = "footage.viewed"
    FOOTAGE_STILL_TAKEN = "footage.still_taken"
    FOOTAGE_VIEW_REFUSED = "footage.view_refused"
    KEY_ROTATED = "key.rotated"
    JOURNAL_VERIFIED = "journal.verified"
    BACKUP_MADE = "backup.made"
    BACKUP_FAILED = "backup.failed"

    CONSOLE_LOGGED_IN = "console.logged_in"
    CONSOLE_LOGGED_OUT = "console.logged_out"
    CONSOLE_LOGIN_REFUSED = "console.login_refused"
    CONSOLE_REFUSED = "console.refused"
    AUDIT_EXPORTED = "audit.exported"
    STAFF_ADDED = "staff.added"
    STAFF_CHANGED = "staff.changed"

    BRANCH_DECOMMISSION_STARTED = "branch.decommission_started"
    BRANCH_DECOMMISSIONED = "branch.decommissioned"

    UPLINK_CONNECTED = "uplink.connected"
    UPLINK_LOST = "uplink.lost"
    CERTIFICATE_EXPIRING = "certificate.expiring"
    CERTIFICATE_RENEWED = "certificate.renewed"
    UPLINK_REFUSED = "uplink.refused"
    UPLINK_REPLAYED = "uplink.replayed"


CONTROLLER = "controller"
"""The subject of what concerns no single door or camera."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an event happened: both clocks, and whether the wall clock could be believed."""

    wall_us: int
    mono_us: int
    boot_id: str
    clock_trusted: bool


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event on its way into a journal, before it has a number.

    private: field name to plain text that only the holder of the authority's private key may read.
    The journal seals it; it is never stored, logged or shown, so it is left out of ``repr``.
    """

    type: EventType
    subject: str
    stamp: Stamp
    data: Mapping[str, JsonValue] = field(default_factory=dict)
    private: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it stands in a journal."""

    seq: int
    id: str
    type: EventType
    stamp: Stamp
    subject: str
    data: Mapping[str, JsonValue]


UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def event_id(wall_us: int, random_bits: int) -> str:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then 74 of the random bits.

    wall_us: microseconds since 1970 UTC. random_bits: at least 74 bits from a good source.
    """
    milliseconds = (wall_us // 1000) & (1 << 48) - 1
    rand_a = random_bits >> 62 & 0xFFF
    rand_b = random_bits & (1 << 62) - 1
    digits = f"{milliseconds << 80 | 7 << 76 | rand_a << 64 | 2 << 62 | rand_b:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def event_wall_us(event_id: str) -> int | None:
    """The time in the id, to the millisecond; None if ``event_id`` did not make it."""
    return int(event_id.replace("-", "")[:12], 16) * 1000 if UUID7.fullmatch(event_id) else None
