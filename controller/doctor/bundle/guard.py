"""The last look at what leaves: a line with what might be a card number, address or key stays here.

All that comes here is on a list of what may be; this is for the day on which somebody's list is wrong.
"""

from __future__ import annotations

import re

LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){8,}")
"""Nine digits and more, in groups or not: cards, phones, moments in microseconds."""
MOMENT = re.compile(r"\b\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?\b")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+")
DIGITS_OF_A_KEY = re.compile(r"[0-9A-Fa-f]{24,}")
LONG_WORD = re.compile(r"(?=\S*\d)(?=\S*[A-Z])(?=\S*[a-z])[A-Za-z0-9+/=_-]{24,}")
"""Keys and tokens in base64: of large and small letters and digits, as no path of ours is."""
LEFT_OUT = "(a line is left out: it holds a long number or word, or an address)"


def guarded(text: str) -> str:
    """The text, with such lines replaced."""
    return "\n".join(LEFT_OUT if _is_suspicious(line) else line for line in text.splitlines())


def _is_suspicious(line: str) -> bool:
    rest = MOMENT.sub("", line)
    return any(pattern.search(rest) for pattern in (LONG_NUMBER, ADDRESS, DIGITS_OF_A_KEY, LONG_WORD))
