"""What is asked of a password, and how one is made for somebody.

Twelve characters of any kind, and none that is guessed first. Never here: how it is kept (``hashing``).
"""

from __future__ import annotations

import re
import secrets
import sys
from datetime import timedelta
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

SHORTEST = 12
LONGEST = 200
"""Hashing takes longer the longer it is."""
MADE_FOR = timedelta(days=7)
"""How long a password that was made for somebody may be used to choose another."""

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without those that are taken for one another when they are written down: 32, so five bits each."""
GROUPS, GROUP = 4, 5

LOCAL_WORDS = frozenset(
    {
        *("library", "libraries", "librarian", "unlocked", "branch", "council", "console", "staff", "books"),
        *("desk", "supervisor", "cctv", "auditor", "engineer", "camera", "footage", "door", "controller"),
        *("password", "welcome", "letmein", "qwerty", "admin", "administrator", "raspberry", "reading"),
    }
)
"""What stands on the wall, so to speak. The branch's own names come beside them."""
SWAPPED = str.maketrans("013457@$!", "oleastasi")
FEWEST_CHARACTERS = 5
"""Different ones."""


def made() -> str:
    """A password for somebody to write down, log in with once, and change: 100 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


class Length:
    """For Django: raises ValidationError with what to do."""

    def validate(self, password: str, user: object = None) -> None:
        del user
        if len(password) < SHORTEST:
            raise ValidationError(f"Use at least {SHORTEST} characters; three or four words are good")
        if len(password) > LONGEST:
            raise ValidationError(f"Use at most {LONGEST} characters")

    def get_help_text(self) -> str:
        return f"At least {SHORTEST} characters; three or four words are good."


class NotGuessedFirst(CommonPasswordValidator):
    """Refuses what is on the list of common passwords, also in disguise, and names of branch and account."""

    def __init__(self, words: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._local = LOCAL_WORDS | {word.lower() for name in words for word in re.findall(r"\w{4,}", name)}

    def validate(self, password: str, user: object = None) -> None:
        plain = password.lower().strip()
        if len(set(plain)) < FEWEST_CHARACTERS or _a_row(plain):
            raise ValidationError("Use more than a few different characters, not in a row")
        names = {part for part in re.split(r"[._@-]", getattr(user, "name", "")) if len(part) > 2}
        for guess in (plain, plain.translate(SWAPPED)):
            core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", guess)
            half = core[: len(core) // 2]
            if guess in self.passwords or core in self.passwords or (half and core == half * 2):
                raise ValidationError("This password is among those that are tried first; choose another")
            left = core
            for word in sorted(self._local | names, key=len, reverse=True):
                left = left.replace(word, "")
            if left != core and len(re.sub(r"[\W\d_]", "", left)) < FEWEST_CHARACTERS:
                raise ValidationError(
                    "Use words besides the names of the account, the branch and what staff work with"
                )

    def get_help_text(self) -> str:
        return "Not a common password, and not made of the names of the account or the branch."


def _a_row(text: str) -> bool:
    """abcdefghijkl, 987654321098: each character is the next one."""
    wrap = 10 if text.isdigit() else sys.maxunicode
    steps = {(ord(after) - ord(before)) % wrap for before, after in pairwise(text)}
    return len(steps) == 1
