"""The secrets: are those there that the services cannot do without? Never here: what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator

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
    missing = False
    for service, names in credentials.needed(settings).items():
        for name in names:
            try:
                credentials.read(name, folder)
            except SecretMissing as error:
                what, _, remedy = str(error).rpartition("; ")
                missing = True
                yield fault(PART, f"{service} does not start without {name}: {what}", remedy)
    for service in credentials.needed(settings):
        for name in credentials.wanted(service):
            try:
                credentials.read(name, folder)
            except SecretMissing as error:
                what, _, remedy = str(error).rpartition("; ")
                yield hint(PART, f"{service} would use {name}: {what}", remedy)
    if not missing:
        yield ok(PART, f"all that the services need are in {folder}")
    if context.machine.has_systemd:
        yield from _in_plain(settings)


def _in_plain(settings: Settings) -> Iterator[Finding]:
    plain = [
        one.name for one in inventory(settings) if one.services and one.state in (Kept.PLAIN, Kept.REPLACED)
    ]
    if plain:
        yield hint(
            PART, f"on the disk in plain: {', '.join(plain)}", "`unlocked secrets encrypt` (docs/secrets.md)"
        )
