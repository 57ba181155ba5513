"""How many people it takes to name a member: the policy profile says so, and in doubt it is two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.settings.model import Settings


@dataclass(frozen=True, slots=True)
class Needed:
    """people: 1 or 2. problem: why nobody knows, and it is two therefore."""

    people: int
    problem: str | None = None


def needed(settings: Settings) -> Needed:
    """As the profile has it now."""
    from controller.settings.load import SettingsError
    from controller.settings.policy.load import load_profile

    if settings.policy.profile is None:
        return Needed(1)
    try:
        return Needed(load_profile(settings.policy.profile).identities.people)
    except SettingsError as error:
        return Needed(2, f"{error}; two people are needed until it is mended")
