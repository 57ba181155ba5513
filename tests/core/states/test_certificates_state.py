"""Which certificates Today warns of."""

from __future__ import annotations

from controller.core.certificates import DAY_US
from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.core.states.certificates import CertificatesState

STAMP = Stamp(1_795_284_245_000_000, 1, "boot", True)


def after(*events: tuple[EventType, dict[str, JsonValue]]) -> CertificatesState:
    state = CertificatesState()
    for seq, (kind, data) in enumerate(events, 1):
        state = state.after(Event(seq, f"id-{seq}", kind, STAMP, "broker", data))
    return state


def expiring(whose: str, days: int) -> tuple[EventType, dict[str, JsonValue]]:
    return EventType.CERTIFICATE_EXPIRING, {"certificate": whose, "days": days}


def test_what_expires_is_remembered_until_it_is_renewed() -> None:
    state = after(expiring("branch", 12), expiring("broker", -1))
    assert state.until_us == {
        "branch": STAMP.wall_us + 12 * DAY_US,
        "broker": STAMP.wall_us - DAY_US,
    }
    renewed = (EventType.CERTIFICATE_RENEWED, {"certificate": "branch", "days": 397})
    assert set(after(expiring("branch", 12), expiring("broker", 3), renewed).until_us) == {"broker"}


def test_a_service_that_has_just_started_says_it_again_by_itself() -> None:
    assert after(expiring("branch", 12), (EventType.SERVICE_STARTED, {})).until_us == {}


def test_other_events_change_nothing() -> None:
    state = after(expiring("branch", 12))
    other = Event(9, "id-9", EventType.UPLINK_LOST, STAMP, "broker", {})
    assert state.after(other) is state
