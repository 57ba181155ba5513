"""The doors in words: lock, contact, readers, and what is the matter with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from controller.console.today.known import Known
from controller.console.today.shown import DoorRow, Matter, Orders, Rank, Row, Tone
from controller.core.states.door import DoorState
from controller.core.states.reader import ReaderState
from controller.settings.door import Door
from controller.staff.door_answer import Answer, DoorSays
from controller.store.following import Followed

LOCKS: Mapping[str, tuple[str, Tone]] = {
    "locked": ("Locked", Tone.PLAIN),
    "released": ("Released", Tone.TOLD),
    "hold_open": ("Held unlocked by staff", Tone.LOOK),
    "lockdown": ("Lockdown", Tone.BAD),
    "evacuation": ("Evacuation", Tone.BAD),
    "fire": ("Fire", Tone.BAD),
    "unknown": ("Not known", Tone.LOOK),
}
"""By the mode, in the words of ``core.states.door``."""
CONTACTS: Mapping[str, tuple[str, Tone]] = {
    "closed": ("Shut", Tone.PLAIN),
    "open": ("Open", Tone.TOLD),
    "warned": ("Open for long", Tone.LOOK),
    "held": ("Open for too long", Tone.BAD),
    "forced": ("Forced open", Tone.BAD),
    "unknown": ("Not known", Tone.LOOK),
}
READERS: Mapping[str, tuple[str, Tone, str]] = {
    "works": ("Works", Tone.GOOD, ""),
    "lost": ("Not there", Tone.BAD, "It does not answer. Is it plugged in, and has it power?"),
    "babbling": ("Not listened to", Tone.BAD, "It sends noise without end. See to its cable."),
    "silent": ("No cards", Tone.LOOK, "No card was read for long, in hours in which cards count. Try one."),
}
BUILDING: Mapping[str, tuple[str, str]] = {
    "fire": (
        "Fire is reported",
        "Ring 999 if nobody has. Nobody is let in; the wiring releases the doors that are to open.",
    ),
    "evacuation": (
        "The building is being evacuated",
        "Nobody is let in; whoever asks to leave is let out. `unlocked door end-evacuation` ends it.",
    ),
}
ALARMS: Mapping[str, tuple[str, str]] = {
    "help": ("Somebody asks for help", "Go there, or ring whoever is to go. In danger: 999."),
    "tamper": ("A housing is open", "Look at who is at it, and close it."),
    "mains_lost": (
        "The mains are lost",
        "The doors run on their battery, for some hours at most. Look at the fuse.",
    ),
    "battery_low": ("The battery is low", "When it is empty, cards open nothing. Call your engineer."),
    "lock": ("A lock cannot be believed", "Look whether the door is shut and holds. See docs/doors.md."),
}
LOCK_FAULTS: Mapping[str, str] = {
    "contact_or_lock": "the contact says open and the bolt says locked",
    "jammed": "the bolt does not move when it is released",
    "not_locked": "it is shut and the bolt does not hold",
    "not_released_by_fire": "fire is reported and it still holds the door",
}


def orders(known: Known) -> Orders:
    """Nobody is asked to choose between two buttons of which one does nothing."""
    states = {state.door: state for state in known.journals["door"].all_of(DoorState)}
    locked_down = {_locked_down(states[door.id], known.answer) for door in known.settings.doors}
    return Orders(
        lockdown=locked_down != {True},
        end_lockdown=locked_down != {False},
        unlock=known.settings.console.remote_unlock,
    )


def _locked_down(state: DoorState, answer: Answer | None) -> bool | None:
    """None: nobody knows."""
    if state.in_force is not None and (answer is None or answer.journal):
        return "lockdown" in state.in_force
    says = answer.doors.get(state.door) if answer else None
    return None if says is None else "lockdown" in says.mode


def door_rows(known: Known) -> tuple[DoorRow, ...]:
    journal = known.journals["door"]
    states = {state.door: state for state in journal.all_of(DoorState)}
    return tuple(_row(door, states[door.id], journal, known.answer) for door in known.settings.doors)


def _row(door: Door, state: DoorState, journal: Followed, answer: Answer | None) -> DoorRow:
    says = answer.doors.get(door.id) if answer else None
    mode, contact = state.mode, state.contact
    if says is not None and answer is not None and (mode == "unknown" or not answer.journal):
        # The journal is the quicker to tell, for as long as it can be written.
        mode, contact = _mode(says), says.contact or "unknown"
    word, tone = LOCKS.get(mode, (mode, Tone.LOOK))
    beside = sorted((state.in_force or frozenset()) - {mode} - {"released"})
    detail = f"Also in force: {', '.join(LOCKS[each][0].lower() for each in beside)}." if beside else ""
    rows = [Row("Lock", word, tone, detail, journal.since(state, mode))]
    if door.contact is None:
        rows.append(Row("Door contact", "None fitted", Tone.PLAIN, "Nobody knows whether the door is open."))
    else:
        word, tone = CONTACTS.get(contact, (contact, Tone.LOOK))
        rows.append(Row("Door contact", word, tone, when_us=journal.since(state, contact)))
    for reader in journal.all_of(ReaderState):
        if reader.door == door.id:
            rows.append(_reader(reader, journal, says))
    return DoorRow(door.id, tuple(rows))


def _mode(says: DoorSays) -> str:
    """By the door's own word, in the journal's words: of several emergencies the strongest."""
    if says.mode == "hold-open":
        return "hold_open"
    return next((mode for mode in ("fire", "evacuation", "lockdown") if mode in says.mode), says.mode)


def _reader(reader: ReaderState, journal: Followed, says: DoorSays | None) -> Row:
    word, tone, detail = READERS[reader.word]
    if reader.word == "works" and says is not None and not says.readers.get(reader.reader, False):
        word, tone, detail = "Cannot be used", Tone.BAD, "The door does not listen to it."
    return Row(f"Reader {reader.reader}", word, tone, detail, journal.since(reader, reader.word))


def door_matters(known: Known) -> Iterator[Matter]:
    if known.answer is None:
        yield Matter(
            "door-silent",
            Rank.NOW,
            "The door's service does not answer",
            "Try a card: it may not open the door. What is shown of the doors is what they recorded last. "
            "Start unlocked-door.service again, or call your engineer.",
        )
    elif not known.answer.journal:
        yield Matter(
            "door-journal",
            Rank.NOW,
            "The door cannot record what it does, and may let nobody in",
            "Is the disk full? Make room, or call your engineer.",
        )
    journal = known.journals["door"]
    for state in journal.all_of(DoorState):
        yield from _of_one(state, journal)
    for reader in journal.all_of(ReaderState):
        if reader.faults:
            word, tone, detail = READERS[reader.word]
            yield Matter(
                f"reader-{reader.door}-{reader.reader}",
                Rank.NOW if tone is Tone.BAD else Rank.SOON,
                f"Reader {reader.reader} of door {reader.door}: {word.lower()}",
                detail,
                journal.since(reader, reader.word),
            )


def _of_one(state: DoorState, journal: Followed) -> Iterator[Matter]:
    in_force = state.in_force or frozenset()
    for emergency, (title, remedy) in BUILDING.items():
        if emergency in in_force:
            yield Matter(emergency, Rank.NOW, title, remedy, journal.since(state, emergency))
    if "lockdown" in in_force:
        yield Matter(
            f"lockdown-{state.door}",
            Rank.NOW,
            f"Door {state.door} is in lockdown",
            "No card opens it. Whoever is inside can leave. Desk staff and supervisors can end it here.",
            journal.since(state, "lockdown"),
        )
    if state.contact == "forced":
        yield Matter(
            f"forced-{state.door}",
            Rank.NOW,
            f"Door {state.door} was forced open",
            "Nobody was let in or asked to leave. Look at who is there. It is over once the door is shut.",
            journal.since(state, "forced"),
        )
    if state.contact == "held":
        yield Matter(
            f"held-{state.door}",
            Rank.NOW,
            f"Door {state.door} is open for too long",
            "Shut it, or see what holds it.",
            journal.since(state, "held"),
        )
    for alarm in sorted(state.alarms):
        yield _alarm(alarm, state, journal)


def _alarm(alarm: str, state: DoorState, journal: Followed) -> Matter:
    what, _, where = alarm.partition(":")
    title, remedy = ALARMS.get(what, (what.replace("_", " ").capitalize(), ""))
    since_us = journal.since(state, alarm)
    if where == "building":
        return Matter(alarm, Rank.NOW, f"{title}, in the building", remedy, since_us)
    if what == "lock":
        title = f"The lock of door {state.door} cannot be believed: {LOCK_FAULTS.get(where, where)}"
    else:
        of_reader = where.removeprefix("reader:") if where.startswith("reader:") else ""
        title = f"{title}, at door {state.door}" + (f", reader {of_reader}" if of_reader else "")
    return Matter(f"{alarm}-{state.door}", Rank.NOW, title, remedy, since_us)
