"""Who may read and write what: secrets, the folders of the services, what is in them, the sockets.

What is named is ours, and so are its owners: a file that somebody else put there may be called after anybody.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from controller.doctor.checks.journals import databases
from controller.doctor.context import Context, NoSettings
from controller.doctor.finding import Finding, fault, ok, unknown
from controller.secrets import credentials
from controller.settings.paths import JOURNALS

PART = "permissions"
GROUP = "unlocked"
OTHERS, GROUP_WRITES = 0o007, 0o020
WRITES = 0o022
SHOWN = 5
"""So many lines say enough."""


def look(context: Context) -> Iterator[Finding]:
    there = [(path, rule) for path, rule in _ruled(context) if not _is_missing(path)]
    if not there:
        yield unknown(PART, "there are neither settings nor secrets nor records yet")
        return
    found = list(_wrong(there))
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        yield fault(PART, f"and {len(found) - SHOWN} more of these", "correct the first, then look again")
    if not found:
        yield ok(PART, "secrets, folders, records and sockets can be reached by those alone that are to")


@dataclass(frozen=True, slots=True)
class _Rule:
    """name: as it is told. owner: None for any. forbidden: bits that must not be. read: by services."""

    name: str
    owner: str | None
    forbidden: int
    read: bool = False


def _wrong(there: Iterable[tuple[Path, _Rule]]) -> Iterator[Finding]:
    for path, rule in there:
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:
            yield unknown(PART, f"{rule.name}: {error.strerror}", "run it as root")
            return
        mode = stat.S_IMODE(status.st_mode)
        if rule.owner is not None and status.st_uid != pwd.getpwnam(rule.owner).pw_uid:
            yield fault(
                PART,
                f"{rule.name} does not belong to {rule.owner}",
                f"`chown {_owners(rule.owner)} {rule.name}`",
            )
        if rule.read and not mode & stat.S_IROTH and not (mode & stat.S_IRGRP and _is_group_of(status)):
            yield fault(
                PART, f"the services may not read {rule.name} (mode {mode:04o})", f"`chmod 644 {rule.name}`"
            )
        if found := mode & rule.forbidden:
            who, letter = ("everybody", "o") if found & OTHERS else ("its group", "g")
            may = "write" if found & WRITES else "read or enter"
            yield fault(
                PART,
                f"{who} may {may} {rule.name} (mode {mode:04o})",
                f"`chmod {letter}-{'w' if found & WRITES == found else 'rwx'} {rule.name}`",
            )


def _is_group_of(status: os.stat_result) -> bool:
    with suppress(KeyError):
        return status.st_gid == grp.getgrnam(GROUP).gr_gid
    return False


def _owners(user: str) -> str:
    return "root:root" if user == "root" else f"{user}:{GROUP}"


def _ruled(context: Context) -> Iterator[tuple[Path, _Rule]]:
    paths, installed = context.paths, _is_there("unlocked-door")
    yield context.config, _Rule(str(context.config), None, WRITES, read=installed)
    with suppress(NoSettings):
        if (profile := context.settings.policy.profile) is not None:
            yield profile, _Rule(str(profile), None, WRITES, read=installed)
    secret = "root" if installed else None
    yield paths.secrets, _Rule(str(paths.secrets), secret, 0o077)
    for file, name in _within(paths.secrets, _secrets(context)):
        yield file, _Rule(name, secret, 0o077)
    written = {file.name for _, file in databases(paths)} | {"reserve"}
    for service in JOURNALS:
        user = f"unlocked-{service}" if installed else None
        folder = paths.journal(service).parent
        yield folder, _Rule(str(folder), user, OTHERS | GROUP_WRITES)
        for file, name in _within(folder, written):
            # Others cannot enter the folder. What a service only reads there may be root's.
            yield file, _Rule(name, user if name == str(file) else None, GROUP_WRITES)
        yield paths.socket(service), _Rule(str(paths.socket(service)), user, 0)
    recorder = "unlocked-recorder" if installed else None
    yield paths.footage_dir, _Rule(str(paths.footage_dir), recorder, OTHERS | GROUP_WRITES)


def _secrets(context: Context) -> set[str]:
    with suppress(NoSettings):
        needed = credentials.needed(context.settings)
        names = {name for service, found in needed.items() for name in (*found, *credentials.wanted(service))}
        return names | {credentials.stored_as(name, context.paths.secrets).name for name in names}
    return set()


def _is_missing(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False  # told below
    return False


def _within(folder: Path, ours: set[str]) -> Iterator[tuple[Path, str]]:
    """Each file with the name by which it is told."""
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    for file in found:
        if file.is_file() and not file.is_symlink():
            plain = file.name.removesuffix("-wal").removesuffix("-shm")
            yield file, str(file) if plain in ours else f"a file in {folder}"


def _is_there(user: str) -> bool:
    """Where services run under a supervisor of their own, they have no users."""
    with suppress(KeyError):
        return bool(pwd.getpwnam(user))
    return False
