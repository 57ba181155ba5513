"""The secrets: are those there that the services cannot do without? Never here: what is in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.secrets import credentials
from controller.secrets.credentials import SecretMissing
from controller.secrets.inventory import State as Kept
from controller.secrets.inventory import inventory
from controller.settings.model import Settings

PART = "secrets"


def look(context: Context) -> Iterator[Finding]:
    settings, folder = context.settings, context.paths.secrets
    if not folder.is_dir():
        yield fault(
            PART, f"{folder}: there is no such folder", "`unlocked init` makes it, and the keys in it"
        )
        return
    if not os.access(folder, os.R_OK | os.X_OK):
        yield unknown(PART, f"{folder}: it may not be looked into", "run it as root")
        return
    needed = credentials.needed(settings)
    missing = [
        *(
            _missing(fault, folder, f"{service} does not start without", names)
            for service, names in needed.items()
        ),
        _missing(fault, folder, "no backup arrives without", credentials.of_backups(settings)),
    ]
    yield from chain.from_iterable(missing)
    for service in needed:
        yield from _missing(hint, folder, f"{service} would use", credentials.wanted(service))
    if not any(missing):
        yield ok(PART, f"all that the services need are in {folder}")
    if context.machine.has_systemd:
        yield from _in_plain(settings)


def _missing(
    kind: Callable[[str, str, str], Finding], folder: Path, why: str, names: Iterable[str]
) -> list[Finding]:
    found = []
    for name in names:
        try:
            credentials.read(name, folder)
        except SecretMissing as error:
            what, _, remedy = str(error).rpartition("; ")
            found.append(kind(PART, f"{why} {name}: {what}", remedy))
    return found


def _in_plain(settings: Settings) -> Iterator[Finding]:
    plain = [
        one.name for one in inventory(settings) if one.services and one.state in (Kept.PLAIN, Kept.REPLACED)
    ]
    if plain:
        yield hint(
            PART, f"on the disk in plain: {', '.join(plain)}", "`unlocked secrets encrypt` (docs/secrets.md)"
        )
