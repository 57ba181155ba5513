"""What the policy profile says about holds; without a profile, what holds for any notice."""

from __future__ import annotations

from controller.settings.model import Settings
from controller.settings.policy.load import PolicyUnusable, load_profile
from controller.settings.policy.tables import HoldRules
from controller.staff.refusal import Refused


def hold_rules(settings: Settings, *, strict: bool) -> HoldRules:
    """strict: raises Refused where the profile cannot be read; else the defaults count then.

    A hold can be placed whatever is wrong with the profile. It is not ended while nobody knows by how many.
    """
    if settings.policy.profile is None:
        return HoldRules()
    try:
        return load_profile(settings.policy.profile).holds
    except PolicyUnusable as error:
        if strict:
            raise Refused(str(error)) from error
        return HoldRules()
