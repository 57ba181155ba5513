"""Takes out of findings what the settings keep to themselves: hosts, accounts, names, own paths.

Findings are for whoever stands before the machine; what leaves it says of such a thing only which key it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import takewhile
from urllib.parse import urlsplit

from controller.doctor.bundle.settings_shown import Shown
from controller.doctor.checks import policy as policy_check
from controller.doctor.checks import settings as settings_check
from controller.doctor.finding import Finding, State
from controller.settings.model import Settings

SHORTEST = 3
"""A shorter text tells of nobody, and is part of other words."""
WORDS = frozenset({"unlocked", "localhost", "127.0.0.1"})
"""Of which everything is full."""
KEY = re.compile(r"[a-z_0-9]+(\.[a-z_0-9]+)*")
URL = re.compile(r"[a-z]+://", re.ASCII)
PATH = re.compile(r"(?<![\w.])/[^\s:;,()`\"']+")
KEPT = re.compile(r"/(dev|sys|proc)/[\w./:+-]*|/(etc|var/lib|run|opt)/unlocked(/[a-z0-9.-]+)*/?", re.ASCII)
"""Paths that say nothing of anybody: of the system, and where an installation has its files."""


def without(found: Iterable[Finding], settings: Iterable[Shown]) -> Iterator[str]:
    """A line for each finding."""
    texts = [(text, one.key) for one in settings for text in one.hidden]
    found_in = [(part, key) for text, key in texts for part in _parts(text)]
    keys = {text: key for text, key in (*found_in, *texts) if _is_worth_hiding(text)}
    hidden = [
        (re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])", re.IGNORECASE), f"({keys[text]})")
        for text in sorted(keys, key=len, reverse=True)
    ]
    for one in found:
        what, remedy = one.what, one.remedy
        if one.part == settings_check.PART:
            # Its lines quote the file: the key is enough, up to where somebody's name for a thing begins.
            what = "they can be used" if one.state is State.OK else _key_of(what)
            remedy = None
        elif one.part == policy_check.PART and one.state is State.FAULT:
            # They quote the profile, which is not among the settings.
            what, remedy = "(left out, since it can quote the profile)", None
        for pattern, instead in hidden:
            what = pattern.sub(instead, what)
            remedy = pattern.sub(instead, remedy) if remedy else None
        yield _paths(f"{one.state.value} {one.part}: {what}{f' → {remedy}' if remedy else ''}")


def _parts(text: str) -> Iterator[str]:
    """Of an address: its host, which findings name alone, and who is to log in there."""
    if URL.match(text):
        address = urlsplit(text)
        yield from filter(None, (address.hostname, address.username, address.password))


def _is_worth_hiding(text: str) -> bool:
    return len(text) >= SHORTEST and text.lower() not in WORDS


def _key_of(what: str) -> str:
    for word in what.split(": "):
        if (found := KEY.match(word)) and not word.startswith("/"):
            ours = list(takewhile(_names().__contains__, found[0].split(".")))
            if ours:
                return f"{'.'.join(ours)} (what is wrong with it is left out, since it quotes the file)"
    return "(left out, since it quotes the file)"


@cache
def _names() -> frozenset[str]:
    """Of all keys that settings can have. Others somebody wrote, by mistake or for a thing of theirs."""
    schema = Settings.model_json_schema()
    tables = (schema, *schema["$defs"].values())
    return frozenset(name for table in tables for name in table.get("properties", ()))


def _paths(line: str) -> str:
    return PATH.sub(lambda found: found[0] if KEPT.fullmatch(found[0]) else "(a path)", line)
