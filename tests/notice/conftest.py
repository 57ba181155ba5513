"""A branch with a camera, and policy profiles for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from controller.settings import shipped
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.policy.load import load_profile
from controller.settings.policy.profile import Profile
from simulator import policies
from simulator.policies import PROFILE

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Of the example."""
    return load(EXAMPLE)


@pytest.fixture(scope="session")
def changed(settings: Settings) -> Callable[..., Settings]:
    """The settings with other values: ``changed(footage={"retention_days": 20})``."""

    def change(**tables: object) -> Settings:
        found = settings.model_dump(exclude_unset=True)
        for table, values in tables.items():
            found[table] = {**found.get(table, {}), **values} if isinstance(values, dict) else values
        return Settings.model_validate(found)

    return change


@pytest.fixture
def profile() -> Callable[..., Profile]:
    """One of those that are shipped, as it is."""
    return lambda name=PROFILE: load_profile(shipped.profiles()[name])


@pytest.fixture
def accepted(tmp_path: Path) -> Callable[..., Profile]:
    """A profile that somebody has accepted and made live, with some of its text replaced."""

    def make(*changes: tuple[str, str], name: str = PROFILE) -> Profile:
        file = tmp_path / f"{name}.toml"
        file.write_text(policies.accepted(name, *changes))
        return load_profile(file)

    return make
