"""Which profile a command is about: one that is named, or the branch's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from controller.commands.common import SettingsUnusable, load_settings

if TYPE_CHECKING:
    from controller.settings.model import Settings
    from controller.settings.policy.profile import Profile

USUAL_ZONE = "Europe/London"
USUAL_FOOTAGE_DAYS = 14

profile_option = click.option(
    "--profile",
    "-p",
    "named",
    metavar="FILE",
    help="A profile's file, or the name of one that comes with the controller.  [default: the branch's]",
)


@dataclass(frozen=True, slots=True)
class Found:
    """settings: None where a profile was named, so that no branch is meant."""

    profile: Profile
    settings: Settings | None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.branch.timezone if self.settings else USUAL_ZONE)

    @property
    def footage_days(self) -> int:
        """The branch's own figure, or the usual one where no branch is meant."""
        if self.settings is not None:
            return self.settings.footage.retention_days
        window = self.profile.cctv
        if window is None:
            return USUAL_FOOTAGE_DAYS
        return min(max(USUAL_FOOTAGE_DAYS, window.min_days), window.max_days)


def find(named: str | None, config: Path) -> Found:
    """Ends the command with exit code 2 where it cannot be used."""
    from controller.settings import shipped
    from controller.settings.policy.load import PolicyUnusable, load_profile

    settings = None
    if named is None:
        settings = load_settings(config)
        if settings.policy.profile is None:
            known = ", ".join(shipped.profiles()) or "none are installed"
            raise SettingsUnusable(
                f"{config}: policy.profile: no profile is named; name one there, or look at one with "
                f"--profile ({known})"
            )
        file = settings.policy.profile
    else:
        file = shipped.profiles().get(named, Path(named))
    try:
        return Found(load_profile(file), settings)
    except PolicyUnusable as error:
        raise SettingsUnusable(str(error)) from error
