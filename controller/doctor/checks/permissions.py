"""Who may read and write what: secrets, the folders of the services, what is in them, the sockets."""

from __future__ import annotations

import grp
import pwd
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from controller.doctor.context import Context, NoSettings
from controller.doctor.finding import Finding, fault, ok, unknown
from controller.settings.paths import JOURNALS

PART = "permissions"
GROUP = "unlocked"
OTHERS, GROUP_WRITES = 0o007, 0o020
SHOWN = 5
"""So many lines of one kind say enough."""


def look(context: Context) -> Iterator[Finding]:
    found = list(_wrong(context))
    yield from found[:SHOWN]
    if len(found) > SHOWN:
        yield fault(PART, f"and {len(found) - SHOWN} more of these", "correct the first, then look again")
    if not found:
        yield ok(PART, "secrets, folders, records and sockets can be reached by those alone that are to")


@dataclass(frozen=True, slots=True)
class _Rule:
    """owner: None for any. forbidden: bits that must not be set."""

    owner: str | None
    forbidden: int


def _wrong(context: Context) -> Iterator[Finding]:
    for path, rule in _ruled(context):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:
            yield unknown(PART, f"{path}: {error.strerror}", "run it as root")
            return
        owner = _name(status.st_uid)
        if rule.owner is not None and owner != rule.owner:
            yield fault(
                PART, f"{path} belongs to {owner}", f"`chown {rule.owner}:{_group(rule.owner)} {path}`"
            )
        if found := stat.S_IMODE(status.st_mode) & rule.forbidden:
            who = "everybody" if found & OTHERS else f"the group {_group_of(status.st_gid)}"
            may = "write" if found & 0o022 else "read or enter"
            letters = f"{'o' if found & OTHERS else 'g'}"
            yield fault(
                PART,
                f"{who} may {may} {path} (mode {stat.S_IMODE(status.st_mode):04o})",
                f"`chmod {letters}-rwx {path}`" if found & OTHERS else f"`chmod g-w {path}`",
            )


def _ruled(context: Context) -> Iterator[tuple[Path, _Rule]]:
    paths = context.paths
    yield context.config, _Rule(None, 0o022)
    with suppress(NoSettings):
        if context.settings.policy.profile is not None:
            yield context.settings.policy.profile, _Rule(None, 0o022)
    secret = _Rule(_if_there("root"), 0o077) if _installed() else _Rule(None, 0o077)
    yield paths.secrets, secret
    yield from ((file, secret) for file in _within(paths.secrets))
    for service in JOURNALS:
        user = _if_there(f"unlocked-{service}") if _installed() else None
        folder = paths.journal(service).parent
        yield folder, _Rule(user, OTHERS | GROUP_WRITES)
        within = _Rule(user, GROUP_WRITES)  # others cannot enter the folder
        yield from ((file, within) for file in _within(folder) if file.is_file() and not file.is_symlink())
        socket = paths.socket(service)
        yield socket, _Rule(user, 0)
    recorder = _if_there("unlocked-recorder") if _installed() else None
    yield paths.footage_dir, _Rule(recorder, OTHERS | GROUP_WRITES)


def _installed() -> bool:
    """Whether the services have users of their own here."""
    return _if_there("unlocked-door") is not None


def _within(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _if_there(user: str) -> str | None:
    with suppress(KeyError):
        return pwd.getpwnam(user).pw_name
    return None


def _name(uid: int) -> str:
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return str(uid)


def _group_of(gid: int) -> str:
    with suppress(KeyError):
        return grp.getgrgid(gid).gr_name
    return str(gid)


def _group(owner: str) -> str:
    return "root" if owner == "root" else GROUP
