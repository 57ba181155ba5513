"""The staff of a simulated branch: whoever plays it, who may do everything there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from controller.settings.staff import Role
from controller.staff.account import account

PASSPHRASE = "no secret, for play only"  # noqa: S105
"""Of the authority's key of a simulated branch."""


def staff_toml() -> str:
    """Its table of branch.toml."""
    roles = ", ".join(f'"{role}"' for role in Role)
    return f'[[staff]]\naccount = "{account().user}"\nroles = [{roles}]\ntrained_until = 2099-12-31\n'


def add_account(unlocked: Callable[..., str], name: str, roles: Collection[Role] = tuple(Role)) -> str:
    """An account of the staff pages, trained; its first password. unlocked: ``Branch.unlocked``."""
    options = [word for role in roles for word in ("--role", role.value)]
    said = unlocked("staff", "add", name, *options, "--trained-until", "2099-12-31")
    found = re.search(r"^Password.*: (\S+)$", said, re.MULTILINE)
    assert found, said
    return found[1]
