"""Which events stay however old they are: a service reads from them what holds now.

Of what comes in pairs or replaces itself, the last; of a hold or a restriction, its beginning until it is
over; of a disposal, its beginning until it is certified, and every certificate. None tells of a member.
"""

from __future__ import annotations

from collections.abc import Collection

from controller.core.alarms import EVENTS
from controller.core.event import EventType
from controller.store.journal_rows import Row, Rows

ALWAYS = frozenset({EventType.DISPOSAL_CERTIFICATE, EventType.JOURNAL_RECOVERED, EventType.JOURNAL_RESTORED})
LAST_OF: tuple[frozenset[EventType], ...] = (
    frozenset({EventType.SERVICE_STARTED}),
    frozenset({EventType.SERVICE_STOPPED}),
    frozenset({EventType.CLOCK_TRUSTED, EventType.CLOCK_UNTRUSTED}),
    # The doors.
    frozenset({EventType.DOOR_UNLOCKED, EventType.DOOR_LOCKED}),
    frozenset(
        {
            EventType.DOOR_OPENED,
            EventType.DOOR_CLOSED,
            EventType.DOOR_FORCED,
            EventType.DOOR_HELD_WARNING,
            EventType.DOOR_HELD,
        }
    ),
    frozenset({EventType.DOOR_HOLD_OPEN_STARTED, EventType.DOOR_HOLD_OPEN_ENDED}),
    frozenset({EventType.FIRE_STARTED, EventType.FIRE_ENDED}),
    frozenset({EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED}),
    frozenset({EventType.EVACUATION_STARTED, EventType.EVACUATION_ENDED}),
    frozenset({EventType.LOCK_FAULT_STARTED, EventType.LOCK_FAULT_ENDED}),
    *(frozenset({events.begun, events.ended}) for events in EVENTS.values()),
    frozenset({EventType.READER_LOST, EventType.READER_FOUND}),
    frozenset({EventType.READER_BABBLING, EventType.READER_CALM}),
    frozenset({EventType.READER_SILENT, EventType.READER_HEARD}),
    frozenset({EventType.ANNOUNCEMENT_MADE}),
    # Cameras and footage.
    frozenset({EventType.CAMERA_FOUND, EventType.CAMERA_LOST}),
    frozenset({EventType.CAMERA_FAULT_STARTED, EventType.CAMERA_FAULT_ENDED}),
    frozenset({EventType.CAMERA_MEASURED}),
    frozenset({EventType.CAMERA_REFERENCE_ASKED}),
    frozenset({EventType.RECORDING_STOPPED}),
    frozenset({EventType.RECORDING_GAP}),
    frozenset({EventType.RECORDING_PAUSED, EventType.RECORDING_RESUMED}),
    frozenset({EventType.STORAGE_FULL, EventType.STORAGE_FREED}),
    frozenset({EventType.STORAGE_FORECAST}),
    frozenset({EventType.RETENTION_OVERDUE, EventType.RETENTION_HELD}),
    # Memberships and the library management system.
    frozenset({EventType.MEMBERSHIP_IMPORTED}),
    frozenset({EventType.MEMBERSHIP_STALE, EventType.MEMBERSHIP_FRESH}),
    frozenset({EventType.LMS_LOST, EventType.LMS_FOUND}),
    frozenset({EventType.LMS_UNUSABLE, EventType.LMS_PLAUSIBLE}),
    # Policy, and proof.
    frozenset({EventType.POLICY_IN_FORCE, EventType.POLICY_UNUSABLE}),
    frozenset({EventType.NOTICE_PUBLISHED}),
    frozenset({EventType.NOTICE_DIFFERS}),
    frozenset({EventType.KEY_ROTATED}),
    frozenset({EventType.JOURNAL_VERIFIED}),
    frozenset({EventType.BACKUP_MADE}),
    frozenset({EventType.BACKUP_FAILED}),
)
ENDED_BY = {
    EventType.HOLD_ADDED: (EventType.HOLD_ENDED, "hold"),
    EventType.RESTRICTION_ADDED: (EventType.RESTRICTION_LIFTED, "restriction"),
}
"""What ends it, and what both name. While the beginning stands, a register that lacks it is incomplete."""

TYPES = ALWAYS | frozenset(ENDED_BY) | frozenset(type for group in LAST_OF for type in group)
"""Of which some stay."""

_STAYING = frozenset(type.value for type in TYPES) | {EventType.DISPOSAL_STARTED.value}
_ALWAYS = frozenset(type.value for type in ALWAYS)
_BEGUN = EventType.DISPOSAL_STARTED.value
_LAST_OF: dict[str, Collection[str]] = {
    type.value: [other.value for other in group] for group in LAST_OF for type in group
}
_BEGINNINGS = {began.value: over for began, over in ENDED_BY.items()}
_ENDS = {over.value: (began, name) for began, (over, name) in ENDED_BY.items()}


def lasts(rows: Rows, row: Row) -> bool:
    """Whether this event stays, however old it is."""
    if row.type not in _STAYING:
        return False
    if row.type in _ALWAYS:
        return True
    if row.type == _BEGUN:
        return not rows.told(EventType.DISPOSAL_CERTIFICATE, "started", row.id, after=row.seq)
    if row.type in _BEGINNINGS:
        over, name = _BEGINNINGS[row.type]
        return not rows.told(over, name, rows.said(row, name))
    if row.type in _ENDS:
        # An end that went first would leave a beginning that counts as not ended.
        began, name = _ENDS[row.type]
        return rows.told(began, name, rows.said(row, name))
    return not rows.follows(row, _LAST_OF[row.type])
