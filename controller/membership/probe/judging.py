"""What the door would do with an answer, and what is dangerous about a system's answers. Pure.

Never here: asking (``sip2``, ``koha``), or how it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from controller.core.access import Applicant, Granted, PinResult, Reason, Refused, Situation, decide
from controller.core.hours import Mode, Now
from controller.core.membership import Membership
from controller.membership.lms.source import LmsUnavailable, LmsUnusable, Said, Unknown, WrongPin
from controller.membership.probe.seen import WITH_PIN, Asked, Lack, Seen

HOUR_US = 3_600_000_000

TEXTS = {
    "unknown_valid": (
        "The card that nobody has is said to be known. Make sure that nobody has it; then try "
        "another dialect, or ask whoever runs the system."
    ),
    "expired_admitted": (
        "The expired card would be let in. Make sure that it has expired; then see whether the "
        "expiry is in another field."
    ),
    "blocked_admitted": "The blocked card would be let in. {blocked}",
    "unknown_instead": (
        "The {card} card is unknown to the system, so that nothing was tried with it. Look at its number; "
        "if it is right, the system refuses such cards in this way."
    ),
    "wrong_pin_accepted": (
        "A wrong PIN is said to be right. Do not ask for PINs (pin.require) until whoever runs the "
        "system has mended it."
    ),
    "empty_pin_accepted": (
        "An empty PIN is said to be right. The door never sends one, but other devices may: have it"
        " refused where the system is set up."
    ),
    "right_pin_refused": (
        "The right PIN is said to be wrong. Make sure that it is right; some systems lock a card "
        "after a few wrong ones."
    ),
    "no_cq": (
        "It does not say whether the PIN is right (CQ), so that nobody with a PIN is let in. Have "
        "it verify PINs for this account."
    ),
    "plain_text": (
        "Card numbers and PINs pass the network in the clear. Set lms.sip2.tls = true, or begin a "
        "tunnel on this machine."
    ),
    "no_checksum": (
        "With checksums no answer counts: {error}. Have that mended in the system; until then only "
        "checksum = false gets answers, and what is changed on its way passes."
    ),
    "other_card": (
        "The answer is about another card than was asked about, and does not count. The system may "
        "know the card by another number, or a user name looks like it."
    ),
    "no_bl": "It does not say whether a card is valid (BL). No answer counts without that.",
    "no_expiry": "It sends no expiry date where it is looked for, and nobody is let in without one.{days}",
    "bad_expiry": (
        "Where the expiry date is looked for there is something else, or a date in another form "
        "than is expected (date_formats).{days}"
    ),
    "no_birth_date": (
        "It sends no birth date that can be read, and access.minimum_age is on: nobody is let in by"
        " its answer alone. Import adult_on with the memberships, or have birth dates sent."
    ),
    "other_dialect": 'Another dialect makes more of these answers than "{dialect}": {dialects}.',
    "flags_on_valid": "The valid card has what refuses it: {flags}. {flags_remedy}",
    "valid_refused": "The valid card would be refused: {reason}. {remedy}",
    "no_answer": "There was no answer about the {question}: {error}.",
}
"""The codes, as programs are told them, with what is dangerous and what to do about it."""

LACKS = {
    Lack.CARD: "other_card",
    Lack.VALID: "no_bl",
    Lack.EXPIRY: "no_expiry",
    Lack.EXPIRY_READABLE: "bad_expiry",
}


@dataclass(frozen=True, slots=True)
class Branch:
    """minimum_age: the branch has one. plain: card numbers and PINs pass the network in the clear.
    checksum_error: why checksums, which are on, had to be left off. dialect: of SIP2, "" otherwise.
    better_dialects: that make more of the answers.
    """

    minimum_age: bool
    plain: bool = False
    checksum_error: str = ""
    dialect: str = ""
    better_dialects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Danger:
    code: str
    text: str

    @classmethod
    def of(cls, code: str, **words: str) -> Danger:
        return cls(code, TEXTS[code].format(**words).strip())


def verdict(seen: Seen, branch: Branch, today: date) -> str | None:
    """The reason for which the door would refuse; None: it would let this card in.

    Supposed are unstaffed hours and nothing else against it, and, where the system does not say who is
    entitled, that the imported memberships do.
    """
    if seen.asked is Asked.EMPTY_PIN:
        return Reason.PIN_MISSING.value
    match seen.said:
        case LmsUnavailable() | LmsUnusable():
            return Reason.NOT_CHECKED.value
        case Unknown():
            return Reason.UNKNOWN_CARD.value
        case WrongPin():
            return Reason.PIN_WRONG.value
        case Said() as said:
            decision = decide(
                Applicant(_membership(said), pin=PinResult.CORRECT),
                Situation(
                    hours=Now(Mode.UNSTAFFED, None, entry=True),
                    today=today,
                    wall_us=HOUR_US,
                    clock_trusted=True,
                    lockdown=False,
                    max_age_us=HOUR_US,
                    minimum_age=branch.minimum_age,
                    pin_needed=seen.asked in WITH_PIN,
                ),
            )
            if isinstance(decision, Granted):
                return None
            assert isinstance(decision, Refused)
            return decision.reason.value


def _membership(said: Said) -> Membership:
    day = None if said.entitled is False else date.min
    return Membership(
        said.status, day, day, None, said.expires, said.category or "", said.adult_on, False, HOUR_US
    )


def dangers(all_seen: Sequence[Seen], branch: Branch, today: date) -> list[Danger]:
    """Everything that is dangerous, the worst first."""
    seen = {one.asked: one for one in all_seen}
    return [
        *_admitted(seen, branch, today),
        *_of_pins(seen),
        *_of_the_way(branch),
        *_lacking(seen, branch),
        *_refused(seen, branch, today),
        *_silent(all_seen),
    ]


def _admitted(seen: Mapping[Asked, Seen], branch: Branch, today: date) -> Iterator[Danger]:
    if (one := seen.get(Asked.UNKNOWN)) and isinstance(one.said, Said):
        yield Danger.of("unknown_valid")
    if (one := seen.get(Asked.EXPIRED)) and verdict(one, branch, today) is None:
        yield Danger.of("expired_admitted")
    for asked, card in ((Asked.EXPIRED, "expired"), (Asked.BLOCKED, "blocked")):
        if (one := seen.get(asked)) and isinstance(one.said, Unknown):
            yield Danger.of("unknown_instead", card=card)
    if (one := seen.get(Asked.BLOCKED)) and verdict(one, branch, today) is None:
        words = "Nothing in the answer tells of the block: ask whoever runs the system how it does."
        if one.flags:
            words = (
                f"It has flags: {', '.join(one.flags)}. If one means the block, name it in refusing_flags."
            )
        yield Danger.of("blocked_admitted", blocked=words)


def _of_pins(seen: Mapping[Asked, Seen]) -> Iterator[Danger]:
    if (one := seen.get(Asked.WRONG_PIN)) and one.pin_right:
        yield Danger.of("wrong_pin_accepted")
    if (one := seen.get(Asked.EMPTY_PIN)) and one.pin_right:
        yield Danger.of("empty_pin_accepted")
    if one := seen.get(Asked.RIGHT_PIN):
        if one.pin_right is False:
            yield Danger.of("right_pin_refused")
        elif Lack.PIN in one.lacks:
            yield Danger.of("no_cq")


def _of_the_way(branch: Branch) -> Iterator[Danger]:
    if branch.plain:
        yield Danger.of("plain_text")
    if branch.checksum_error:
        yield Danger.of("no_checksum", error=branch.checksum_error)


def _lacking(seen: Mapping[Asked, Seen], branch: Branch) -> Iterator[Danger]:
    valid = seen.get(Asked.VALID)
    if valid is None:
        return
    days = f" There is a day to come in {' and '.join(valid.days_to_come)}." if valid.days_to_come else ""
    for lack, code in LACKS.items():
        if lack in valid.lacks:
            yield Danger.of(code, days=days)
    if branch.minimum_age and Lack.BIRTH in valid.lacks:
        yield Danger.of("no_birth_date")
    if branch.better_dialects:
        names = " or ".join(f'"{name}"' for name in branch.better_dialects)
        yield Danger.of("other_dialect", dialect=branch.dialect, dialects=names)


def _refused(seen: Mapping[Asked, Seen], branch: Branch, today: date) -> Iterator[Danger]:
    valid = seen.get(Asked.VALID)
    if valid is None or isinstance(valid.said, (LmsUnusable, LmsUnavailable)):
        return
    reason = verdict(valid, branch, today)
    if reason is None or (reason == Reason.UNDER_AGE and Lack.BIRTH in valid.lacks):
        return
    if valid.refusing:
        remedy = "Make sure that it is a valid card."
        if branch.dialect:
            remedy += " If members have these flags without being blocked, leave them out of refusing_flags."
        yield Danger.of("flags_on_valid", flags=", ".join(valid.refusing), flags_remedy=remedy)
    else:
        remedy = "Make sure that it is a valid one."
        if reason == Reason.NOT_ENROLLED:
            remedy = "It is not entitled to unstaffed hours by [lms.entitlement]; see what is set there."
        yield Danger.of("valid_refused", reason=reason, remedy=remedy)


def _silent(all_seen: Sequence[Seen]) -> Iterator[Danger]:
    for seen in all_seen:
        if isinstance(seen.said, LmsUnavailable):
            yield Danger.of("no_answer", question=NAMED[seen.asked], error=str(seen.said))


NAMED = {
    Asked.VALID: "valid card",
    Asked.RIGHT_PIN: "valid card with its PIN",
    Asked.WRONG_PIN: "valid card with a wrong PIN",
    Asked.EMPTY_PIN: "valid card with an empty PIN",
    Asked.EXPIRED: "expired card",
    Asked.BLOCKED: "blocked card",
    Asked.UNKNOWN: "unknown card",
}
