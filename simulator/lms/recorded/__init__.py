"""Answers about patrons as library management systems were recorded, or are described; nobody is in them.

A file for each dialect, ``koha.toml`` and so on:

    without_pin = ""        what CQ says where no AD was sent: "Y", "N", or "" where there is no CQ then
    [answers]
    valid = "64…"           a 64 up to its last |, for each of CASES
    [[odd]]                 what this system sends besides, and clients are known to misunderstand
    words = "…"             what is the matter, for the table in docs/lms-dialects.md
    pin = "right"           what was asked with: "right", "wrong", "empty" or "none"
    answer = "64…"

In an answer ``{now}`` stands for the 18 characters of a date and time, ``{card}`` for the card number that
was asked about, ``{cq}`` for the field CQ with its |, or for nothing, ``{expires}`` and ``{born}`` for eight
digits, ``{expires-iso}`` for a day with hyphens. All else is as it goes over the wire. ``Recorded.body``
fills them in; ``line`` adds sequence number, checksum and CR.

Each file's comments say where its answers are known from, and what of them is assumed. Never here: a name, an
address, or how a dialect is read (``controller.membership.sip2``).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources

DIALECTS = ("koha", "evergreen", "sierra", "symphony", "polaris", "spydus", "alma", "tlc")
CASES = {
    "valid": "valid",
    "expired": "expired",
    "blocked": "blocked",
    "lost": "lost card",
    "wrong_pin": "wrong PIN",
    "empty_pin": "empty PIN",
    "unknown": "unknown",
    "under_age": "under age",
}
"""Each file has an answer for every one. At a door with a minimum age and PINs, only the first is let in."""
_PINS = {"wrong_pin": "wrong", "empty_pin": "empty"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """case: one of CASES, or "odd". words: what is the matter. pin: "right", "wrong", "empty" or "none"."""

    case: str
    words: str
    pin: str
    template: str
    without_pin: str

    def body(self, card: str, today: date, pin_sent: bool = True) -> str:
        """The message up to its last |. pin_sent: the question had an AD, even an empty one."""
        expires = today - timedelta(days=31) if self.case == "expired" else today + timedelta(days=365)
        born = date(today.year - (10 if self.case == "under_age" else 40), 1, 15)
        cq = "Y" if pin_sent else self.without_pin
        filled = {
            "{now}": f"{today:%Y%m%d}    120000",
            "{card}": card,
            "{cq}": f"CQ{cq}|" if cq else "",
            "{expires}": f"{expires:%Y%m%d}",
            "{expires-iso}": expires.isoformat(),
            "{born}": f"{born:%Y%m%d}",
        }
        text = self.template
        for name, value in filled.items():
            text = text.replace(name, value)
        return text


def recorded_of(dialect: str) -> tuple[Recorded, ...]:
    """Those of one of DIALECTS: CASES in their order, then what is odd."""
    text = (resources.files(__package__) / f"{dialect}.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    without_pin, answers = found["without_pin"], found["answers"]
    cases = [
        Recorded(case, words, _PINS.get(case, "right"), answers[case], without_pin)
        for case, words in CASES.items()
    ]
    odd = [
        Recorded("odd", one["words"], one["pin"], one["answer"], without_pin) for one in found.get("odd", ())
    ]
    return (*cases, *odd)


def line(body: str, sequence: int, encoding: str = "utf-8") -> bytes:
    """A message as it goes over the wire, with sequence number, checksum and CR."""
    written = body.encode(encoding) + b"AY%dAZ" % sequence
    return written + b"%04X\r" % (-sum(written) & 0xFFFF)
