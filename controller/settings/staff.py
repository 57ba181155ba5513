"""The tables ``[policy]`` and ``[[staff]]``: which promises hold at this branch, and who may do what.

Never here: the profile itself, which is a file of its own (``settings.policy``).
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from controller.settings.section import Day, Section, from_the_root


class Role(StrEnum):
    """What somebody is there for. supervisor and cctv need training in date."""

    DESK = "desk"
    SUPERVISOR = "supervisor"
    CCTV = "cctv"
    DPO = "dpo"
    AUDITOR = "auditor"
    ENGINEER = "engineer"


NEED_TRAINING = frozenset({Role.SUPERVISOR, Role.CCTV})
"""Roles that count up to the day on which training lapses, and not after."""


class PolicySettings(Section):
    """profile: None where none was chosen; then nothing is recorded. draft: record under a draft as well."""

    profile: Annotated[Path, AfterValidator(from_the_root)] | None = None
    draft: bool = False


class Staff(Section):
    """account: the name by which somebody logs in. trained_until: the last day on which training counts."""

    account: str = Field(min_length=1, max_length=80)
    roles: frozenset[Role] = Field(min_length=1)
    trained_until: Day | None = None
