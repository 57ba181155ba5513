"""A policy profile's file to a Profile, or one line a fault: file, key, remedy."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import ValidationError

from controller.settings import toml_file
from controller.settings.policy.parts import KEY
from controller.settings.policy.profile import Origin, Profile
from controller.settings.section import NAME
from controller.settings.toml_file import SettingsError

EXAMPLE = "config/policies/worcestershire.toml"
PATTERNS = {
    NAME: "use up to 40 small letters, digits and hyphens",
    KEY: "use up to 40 small letters, digits and underscores, a letter first",
}


class PolicyUnusable(SettingsError):
    """The profile cannot be used. ``str()`` is a line for each fault, as of settings."""


def load_profile(file: Path) -> Profile:
    """Read and validate. Raises PolicyUnusable; never returns a profile that is partly right."""
    try:
        content = toml_file.read(file, f"copy a profile of config/policies to {file} and edit it")
        found = toml_file.parsed(file, content)
    except SettingsError as error:
        raise PolicyUnusable(error.file, error.faults) from error
    try:
        return Profile.model_validate(
            found, strict=False, context=Origin(file, hashlib.sha256(content).hexdigest())
        )
    except ValidationError as error:
        faults = toml_file.faults(error, found, example=EXAMPLE, patterns=PATTERNS)
        raise PolicyUnusable(file, faults) from error
