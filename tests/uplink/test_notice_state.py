from __future__ import annotations

import json

from controller.core.event import Event, EventType, JsonValue, Stamp
from controller.uplink.notice_state import NoticeState
from controller.uplink.state_watch import payload

STAMP = Stamp(1_795_284_245_000_000, 1, "boot", True)


def test_the_last_notice_that_was_published_is_told_by_its_hashes() -> None:
    state = NoticeState()
    assert state.said["documents"] is None
    for seq, digest in enumerate(("aa", "bb"), 1):
        data: dict[str, JsonValue] = {"documents": {"notice.html": digest}, "policy": "cc", "user": "dpo"}
        state = state.after(Event(seq, f"id-{seq}", EventType.NOTICE_PUBLISHED, STAMP, "notice", data))
    assert state.after(Event(3, "id-3", EventType.HOLD_ADDED, STAMP, "footage", {"hold": "x"})) is state
    assert json.loads(payload(state, "journal-1")) == {
        "documents": {"notice.html": "bb"},
        "policy": "cc",
        "journal": "journal-1",
        "sequence": "2",
        "time": "2026-11-21T18:04:05.000000Z",
        "clocktrusted": True,
    }
