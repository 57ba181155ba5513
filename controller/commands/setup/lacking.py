"""What the answers leave open, found before anything is done: a line for each, with the remedy.

Never here: what is wrong with an answer by itself (``answers``), or asking for what lacks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from controller.commands.setup.answers import HELP, NO_POLICY, SetupAnswers
from controller.secrets import credentials
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.policy.load import PolicyUnusable, load_profile
from controller.settings.shipped import profiles

MADE_HERE = frozenset({credentials.SITE_KEY, credentials.PIN_KEY, credentials.AUTHORITY_PUBLIC_KEY})
"""Secrets that setting up makes."""


def lacking(setup: SetupAnswers | None, branch: Settings | None, *, asking: bool) -> list[str]:
    """What has to be answered as well, a line each: key, and what to do.

    None: could not be understood, and is told of elsewhere. What follows from it is left out. asking: no
    files of passwords are needed.
    """
    if setup is None:
        return []
    faults = [*_policy(setup, branch), *_authority_key(setup, branch, asking=asking)]
    if branch is not None:
        faults += [*_secrets(setup, branch), *_account(setup, branch, asking=asking)]
    return faults


def given_secrets(branch: Settings) -> tuple[str, ...]:
    """The names of the secrets that services need, and that are neither made here nor by pairing a reader."""
    keys = {credentials.reader_key(door.id, reader.id) for door, reader in branch.readers()}
    return tuple(name for name in _needed(branch) if name not in keys)


def _needed(branch: Settings) -> tuple[str, ...]:
    names = [name for names in credentials.needed(branch).values() for name in names]
    names += credentials.of_backups(branch)
    return tuple(dict.fromkeys(name for name in names if name not in MADE_HERE))


def _policy(setup: SetupAnswers, branch: Settings | None) -> Iterator[str]:
    chosen = setup.policy
    if not chosen and (branch is None or branch.policy.profile is None):
        known = ", ".join(f'"{name}"' for name in profiles())
        yield f'setup.policy: it is missing; say {known}, a file, or "{NO_POLICY}": then nothing is recorded'
    if chosen not in ("", NO_POLICY):
        try:
            load_profile(profiles().get(chosen, Path(chosen)))
        except PolicyUnusable as error:
            yield from (f"setup.policy: {fault}" for fault in str(error).splitlines())


def _authority_key(setup: SetupAnswers, branch: Settings | None, *, asking: bool) -> Iterator[str]:
    key = setup.authority_key
    there = branch is not None and _has(branch, credentials.AUTHORITY_PUBLIC_KEY)
    if there:
        return
    if key is None:
        yield f"setup.authority_key: it is missing; {HELP} has the three ways"
        return
    if key.private_key_to is not None and key.passphrase_file is None and not asking:
        yield "setup.authority_key.passphrase_file: it is missing; name the file of the passphrase"
    for name, file in (("public_key", key.public_key), ("passphrase_file", key.passphrase_file)):
        yield from _unreadable(f"setup.authority_key.{name}", file)


def _secrets(setup: SetupAnswers, branch: Settings) -> Iterator[str]:
    given = setup.secrets
    for name in given_secrets(branch):
        if name not in given and not _has(branch, name):
            yield f"setup.secrets.{name}: it is missing; name the file that holds it"
    known = _needed(branch)
    for name, file in given.items():
        if name not in known:
            what = ", ".join(known) or "none"
            yield f"setup.secrets.{name}: no service needs it; what these settings need is: {what}"
        yield from _unreadable(f"setup.secrets.{name}", file)


def _account(setup: SetupAnswers, branch: Settings, *, asking: bool) -> Iterator[str]:
    account = setup.account
    if not branch.console.pages:
        return
    if account is None:
        if not _is_there(Paths.of(branch).console):
            yield "setup.account: it is missing; say who is the first to log in to the staff pages"
    elif account.password_file is None and not asking:
        yield "setup.account.password_file: it is missing; name the file that holds the account's password"
    else:
        yield from _unreadable("setup.account.password_file", account.password_file)


def _unreadable(key: str, file: Path | None) -> Iterator[str]:
    if file is None:
        return
    if not _is_there(file):
        yield f"{key}: {file} is not there"
    elif not os.access(file, os.R_OK):
        yield f"{key}: {file} cannot be read; run it as root"


def _has(branch: Settings, name: str) -> bool:
    return _is_there(credentials.stored_as(name, branch.branch.secrets_dir))


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:
        return False
