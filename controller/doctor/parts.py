"""The parts of a branch, in the order in which an engineer looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from controller.doctor.checks import (
    backups,
    broker,
    cameras,
    certificates,
    clock,
    disk,
    journals,
    lms,
    memberships,
    permissions,
    pins,
    policy,
    power,
    readers,
    release,
    secrets,
    services,
    settings,
    units,
    wear,
)
from controller.doctor.context import Context
from controller.doctor.finding import Finding


@dataclass(frozen=True, slots=True)
class Part:
    """name: as its findings have it. look: yields what it found, and changes nothing.

    ``look`` may raise NoSettings, DatabaseUnusable and OSError: they become a finding, not known and why.
    """

    name: str
    look: Callable[[Context], Iterator[Finding]]


PARTS = tuple(
    Part(check.PART, check.look)
    for check in (
        power,
        clock,
        disk,
        wear,
        settings,
        secrets,
        services,
        readers,
        pins,
        cameras,
        broker,
        lms,
        certificates,
        release,
        units,
        permissions,
        policy,
        journals,
        memberships,
        backups,
    )
)
