"""What ``unlocked lms probe`` found, for people and for programs. No card number, PIN or name is in it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date

from controller.core.event import JsonValue
from controller.membership.lms.source import LmsUnavailable, LmsUnusable, Said, Unknown, WrongPin
from controller.membership.probe.judging import NAMED, verdict
from controller.membership.probe.seen import EMPTY, PRESENT, WITH_PIN, Asked, Lack, Seen
from controller.membership.probe.settings_text import as_toml
from controller.membership.probe.trial import Probed

WIDTH, INDENT = 100, 15


def as_text(probed: Probed) -> str:
    return "\n".join(_lines(probed))


def _lines(probed: Probed) -> Iterator[str]:
    dialect = probed.branch.dialect
    how = f'SIP2, dialect "{dialect}"' if dialect else "Koha's REST API"
    yield f"{probed.where} over {how}: {probed.greeting}."
    before: Seen | None = None
    for seen in probed.seen:
        yield ""
        yield NAMED[seen.asked]
        yield from _of(seen, before, probed)
        before = seen if seen.fields else before
    yield ""
    yield from _paragraph(
        "",
        "What the door does is said for unstaffed hours, with nothing else against the card, and with an "
        "induction on record where the system does not say.",
    )
    if probed.not_tried:
        yield from _paragraph("", f"Not tried: {', '.join(NAMED[asked] for asked in probed.not_tried)}.")
    if probed.doubts:
        yield ""
        yield f'Not known for certain of "{dialect}":'
        for doubt in probed.doubts:
            yield from _paragraph("  - ", doubt)
    yield ""
    count = len(probed.dangers)
    yield "No danger was found." if not count else f"{count} {'danger' if count == 1 else 'dangers'}:"
    for number, danger in enumerate(probed.dangers, start=1):
        yield from _paragraph(f"  {number}. ", danger.text)
    yield ""
    changed = probed.to_use != probed.tried
    yield "Settings to use; try them again:" if changed else "Settings to use:"
    yield ""
    yield as_toml(probed.to_use, probed.tried).rstrip()


def _of(seen: Seen, before: Seen | None, probed: Probed) -> Iterator[str]:
    if seen.fields:
        told = [f"{name} {value}" for name, value in seen.fields.items() if value not in (PRESENT, EMPTY)]
        yield from _row("it returns", "; ".join(told) or "nothing that may be shown")
        for name, what in (("not shown", PRESENT), ("empty", EMPTY)):
            names = _names(seen, what)
            if names and (before is None or names != _names(before, what)):
                yield from _row(name, ", ".join(names))
        refuses = isinstance(seen.said, Said)
        flags = [f"{flag} (refuses)" if refuses and flag in seen.refusing else flag for flag in seen.flags]
        yield from _row("flags", ", ".join(flags) or "none")
    if seen.asked in WITH_PIN:
        yield from _row("the PIN", _PIN[seen.pin_right])
    yield from _row("that means", _meaning(seen, probed.today))
    reason = verdict(seen, probed.branch, probed.today)
    door = "lets it in" if reason is None else f"refuses: {reason}"
    yield from _row("the door", "never asks so" if seen.asked is Asked.EMPTY_PIN else door)


def _names(seen: Seen, what: str) -> list[str]:
    return [name for name, value in seen.fields.items() if value == what]


_PIN = {
    True: "is right, says the system",
    False: "is wrong, says the system",
    None: "the system does not say",
}


def _meaning(seen: Seen, today: date) -> str:
    match seen.said:
        case Said() as said:
            parts = [said.status.value, f"until the end of {said.expires}"]
            parts.append(f'category "{said.category}"' if said.category else "no category")
            parts.append(_AGE[_of_age(said, today)])
            parts += {True: ["entitled"], False: ["not entitled"], None: []}[said.entitled]
            return ", ".join(parts)
        case Unknown():
            return "there is no such card"
        case WrongPin():
            return "not the card's PIN"
        case LmsUnusable() as error:
            return f"nothing: {error}"
        case LmsUnavailable() as error:
            return f"no answer: {error}"


_AGE = {True: "of age", False: "under age", None: "age not said"}


def _of_age(said: Said, today: date) -> bool | None:
    return None if said.adult_on is None else said.adult_on <= today


def _row(name: str, text: str) -> Iterator[str]:
    yield from _paragraph(f"  {name}".ljust(INDENT), text)


def _paragraph(beginning: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=beginning,
        subsequent_indent=" " * len(beginning),
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_data(probed: Probed) -> dict[str, JsonValue]:
    return {
        "reached": True,
        "where": probed.where,
        "dialect": probed.branch.dialect or None,
        "questions": [_data_of(seen, probed) for seen in probed.seen],
        "not_tried": [asked.value for asked in probed.not_tried],
        "dangers": [{"code": danger.code, "text": danger.text} for danger in probed.dangers],
        "settings": as_toml(probed.to_use, probed.tried),
    }


def _data_of(seen: Seen, probed: Probed) -> dict[str, JsonValue]:
    said = seen.said
    membership: JsonValue = None
    if isinstance(said, Said):
        membership = {
            "status": said.status.value,
            "expires": said.expires.isoformat(),
            "category": said.category,
            "of_age": _of_age(said, probed.today),
            "entitled": said.entitled,
        }
    return {
        "asked": seen.asked.value,
        "fields": {name: None if value == PRESENT else value for name, value in seen.fields.items()},
        "flags": [*seen.flags],
        "pin_right": seen.pin_right,
        "lacks": [lack.value for lack in Lack if lack in seen.lacks],
        "membership": membership,
        "fault": str(said) if isinstance(said, (LmsUnusable, LmsUnavailable)) else None,
        "refused": verdict(seen, probed.branch, probed.today),
    }
