"""The name of an account: what is allowed, and what is taken for the same name.

Events carry it, and holds and requests name people by it. An account of the console and one of the machine
with the same name are the same person.
"""

from __future__ import annotations

import re

LONGEST = 64
NAME = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{0,62}[a-z0-9])?")
RULE = "Use up to 64 small letters, digits, dots, hyphens, underscores and @, such as j.smith"


class NameUnusable(Exception):
    """The text says what a name may be."""


def plain(typed: str) -> str:
    """As it was typed, in the one way in which it is kept."""
    return typed.strip().lower()


def checked(typed: str) -> str:
    """The name of an account that is made. Raises NameUnusable."""
    name = plain(typed)
    if not NAME.fullmatch(name):
        raise NameUnusable(RULE)
    return name
