"""What ``unlocked journal verify`` says of a journal: in words, and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.store.verification import Verification


def in_words(name: str, found: Verification | None) -> str:
    """found: None where there is no journal yet."""
    if found is None:
        return f"{name}: no journal yet"
    counted = f"{found.events} event{'s' * (found.events != 1)}, {found.disposed} disposed of"
    if not found.ok:
        verdict = found.verdict.replace("_", " ").upper()
        return f"{name}: {verdict} at {found.at_seq}: {found.fault} ({counted} before that)"
    witness = ""
    if found.witnessed_seq is not None:
        witness = f"; as the head says that was kept elsewhere, up to {found.witnessed_seq}"
    lines = [f"{name}: OK: {counted}{witness}"]
    lines += [f"  cannot exclude {doubt}" for doubt in found.cannot_exclude]
    return "\n".join(lines)


def as_json(name: str, found: Verification | None) -> str:
    """verdict: null where there is no journal yet."""
    if found is None:
        return json.dumps({"service": name, "ok": None, "verdict": None})
    said = {
        "service": name,
        "ok": found.ok,
        "verdict": found.verdict.value,
        "at_seq": found.at_seq,
        "fault": found.fault,
        "events": found.events,
        "disposed": found.disposed,
        "journal": found.journal_id,
        "last_seq": found.last_seq,
        "witnessed_seq": found.witnessed_seq,
        "own_head_seq": found.own_seq,
        "cannot_exclude": list(found.cannot_exclude),
    }
    return json.dumps(said)


def unreadable_in_words(name: str, why: str) -> str:
    return f"{name}: NOT READABLE: {why}"


def unreadable_as_json(name: str, why: str) -> str:
    return json.dumps({"service": name, "ok": False, "verdict": "unreadable", "fault": why})
