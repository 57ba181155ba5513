"""The staff of a simulated branch: whoever plays it, who may do everything there."""

from __future__ import annotations

from controller.settings.staff import Role
from controller.staff.account import account


def staff_toml() -> str:
    """Its table of branch.toml."""
    roles = ", ".join(f'"{role}"' for role in Role)
    return f'[[staff]]\naccount = "{account().user}"\nroles = [{roles}]\ntrained_until = 2099-12-31\n'
