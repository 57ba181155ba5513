"""The generated part of docs/lms-dialects.md: what each dialect says, and what comes of the recorded answers.

``python -m simulator.lms.dialect_page`` prints it, and a test holds the page to it. It is here and not a
command of ``unlocked`` because the recorded answers are, and nothing that ships knows the simulator. Every
answer goes the way that it goes from the wire to the door: decoded, read, joined to what was imported,
decided. Never here: a rule of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

from controller.core.access import Applicant, Decision, PinNeeded, PinResult, Situation, decide
from controller.core.card import CardNumber
from controller.core.hours import Mode, Now
from controller.core.membership import Membership
from controller.door.explained.decision_table import in_words
from controller.membership.live.merging import merged
from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import Answer, LmsUnusable, Said
from controller.membership.sip2.codec import Wire, decode, patron_answer
from controller.membership.sip2.dialect import Dialect, dialect_of
from controller.membership.sip2.reading import kept, read
from controller.settings.lms import DialectName
from simulator.lms.recorded import Recorded, line, recorded_of
from simulator.members import card_number, valid_membership

NAMES: tuple[DialectName, ...] = get_args(DialectName)
TODAY = date(2026, 11, 22)
NOW_US = 1_795_305_600_000_000
CARD = card_number(1)
RULES = ReadingRules(of_age_years=16)
IMPORTED = replace(valid_membership(TODAY, NOW_US), adult_on=None)
"""Induction and grant are in order; about age nothing is known but what the answer says."""
AT_THE_DOOR = Situation(
    hours=Now(Mode.UNSTAFFED, None, entry=True),
    today=TODAY,
    wall_us=NOW_US,
    clock_trusted=True,
    lockdown=False,
    max_age_us=0,
    minimum_age=True,
    pin_needed=True,
)
OF_AGE = "valid, and of age by what was imported"
ASKED_WITH = {
    "right": "the right PIN",
    "wrong": "a wrong PIN",
    "empty": "an empty PIN",
    "none": "no PIN",
}

Outcome = Decision | LmsUnusable


def answer_to(dialect: Dialect, recorded: Recorded, pin_asked: bool) -> Answer:
    """What is made of it when it comes over the wire. Raises LmsUnusable."""
    body = recorded.body(CARD, TODAY, pin_sent=pin_asked)
    received = decode(line(body, 0).rstrip(b"\r"), Wire(), kept(dialect, RULES))
    return read(dialect, patron_answer(received.message), CardNumber(CARD), pin_asked, RULES, TODAY)


def outcome(
    name: DialectName,
    recorded: Recorded,
    imported: Membership = IMPORTED,
    situation: Situation = AT_THE_DOOR,
) -> Outcome:
    """What comes of it at a door, or why it does not count.

    As at a door, the card comes first and no PIN with it; then the PIN, if all else is in order. An empty PIN
    is never sent: whatever a system says to one, none was entered.
    """
    dialect = dialect_of(name)
    card_alone = recorded if recorded.pin != "wrong" else recorded_of(name)[0]
    try:
        answer = answer_to(dialect, card_alone, pin_asked=False)
        membership = merged(answer, imported, NOW_US) if isinstance(answer, Said) else None
        decision = decide(Applicant(membership), situation)
        if not isinstance(decision, PinNeeded) or recorded.pin == "none":
            return decision
        pin = PinResult.MISSING
        if recorded.pin != "empty":
            said = answer_to(dialect, recorded, pin_asked=True)
            pin = PinResult.CORRECT if isinstance(said, Said) else PinResult.WRONG
        return decide(Applicant(membership, pin=pin), situation)
    except LmsUnusable as error:
        return error


def told(found: Outcome) -> str:
    return f"does not count: {found}" if isinstance(found, LmsUnusable) else in_words(found)


def facts() -> str:
    """What each dialect says, as Markdown."""
    lines = [
        "| dialect | system | expiry | birth date | category | days are written | flags that refuse "
        "| besides | 35 follows |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in NAMES:
        dialect = dialect_of(name)
        besides = [f"{block.field} is {' or '.join(block.values)}" for block in dialect.blocks]
        cells = (
            f"`{name}`",
            dialect.title,
            dialect.expiry,
            dialect.birth_date or "-",
            dialect.category or "-",
            ", ".join(dialect.date_formats),
            ", ".join(map(str, sorted(dialect.refusing_flags))),
            "; ".join(besides) or "-",
            "yes" if dialect.end_session else "no",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def doubts() -> str:
    """What is not certain of each, as Markdown."""
    found = []
    for name in NAMES:
        dialect = dialect_of(name)
        found.append(f"**{dialect.title}** (`{name}`)\n\n" + "".join(f"- {one}\n" for one in dialect.doubts))
    return "\n".join(found)


def outcomes() -> str:
    """Each case with each dialect, as Markdown."""
    lines = [
        "| | " + " | ".join(f"`{name}`" for name in NAMES) + " |",
        "| --- |" + " --- |" * len(NAMES),
    ]
    rows: dict[str, list[str]] = {}
    for name in NAMES:
        for recorded in recorded_of(name):
            if recorded.case == "odd":
                continue
            rows.setdefault(recorded.words, []).append(told(outcome(name, recorded)))
            if recorded.case == "valid":
                of_age = outcome(name, recorded, replace(IMPORTED, adult_on=date.min))
                rows.setdefault(OF_AGE, []).append(told(of_age))
    lines += [f"| {words} | {' | '.join(cells)} |" for words, cells in rows.items()]
    return "\n".join(lines) + "\n"


def odd_outcomes() -> str:
    """What comes of the answers that clients have misunderstood, as Markdown."""
    lines = ["| dialect | the answer | asked with | what comes of it |", "| --- | --- | --- | --- |"]
    for name in NAMES:
        for recorded in recorded_of(name):
            if recorded.case == "odd":
                came = told(outcome(name, recorded))
                lines.append(f"| `{name}` | {recorded.words} | {ASKED_WITH[recorded.pin]} | {came} |")
    return "\n".join(lines) + "\n"


LEGEND = """\
At a door with a minimum age and PINs, for members whose induction and entitlement were imported. Everything
here was decoded, read and decided by what the controller runs. "Does not count": it is as if the system had
not answered.

At a door without PINs the same comes of everything but the wrong and the empty PIN, about which nothing is
asked. An empty PIN is never sent to a system; the line shows that its answer would be of no use to anybody.
"""


def markdown() -> str:
    """The generated part of the page."""
    return (
        f"## The dialects\n\n{facts()}\n"
        f"## What is not certain\n\n{doubts()}\n"
        f"## What comes of the answers\n\n{LEGEND}\n{outcomes()}\n"
        f"Answers that clients have misunderstood, or may:\n\n{odd_outcomes()}"
    )


if __name__ == "__main__":
    print(markdown(), end="")
