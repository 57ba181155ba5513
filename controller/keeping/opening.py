"""The keeper of a service's journal, joined from the settings: rule, holds and restrictions, and clock.

Never here: when it is asked to look (each service), and what it does then (``journal_keeper``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from zoneinfo import ZoneInfo

from controller.core.hold import Category
from controller.core.retention.due import Conventions
from controller.core.retention.rules import Unspecified
from controller.keeping.edge_rules import ACCESS_LOG_RULE, CATEGORIES, EdgeRule
from controller.keeping.journal_disposal import JournalDisposal, nobody_waits
from controller.keeping.journal_keeper import JournalKeeper
from controller.keeping.known_holds import KnownHolds
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.policy.load import PolicyUnusable, load_profile
from controller.settings.policy.profile import Profile
from controller.settings.policy.rules import of
from controller.store.engine import BUSY_TIMEOUT_MS
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader

log = logging.getLogger(__name__)


def edge_rule(settings: Settings, category: Category) -> EdgeRule:
    """What the branch's profile says of it. Without a profile only a door's events fall due; by one that
    cannot be read nothing does.
    """
    zone = ZoneInfo(settings.branch.timezone)
    if settings.policy.profile is None:
        rule = ACCESS_LOG_RULE if category is Category.ACCESS_EVENTS else Unspecified()
        return EdgeRule(category, rule, Conventions(zone, None))
    try:
        profile = load_profile(settings.policy.profile)
    except PolicyUnusable as error:
        log.error("nothing is destroyed by age until the policy can be read: %s", error)
        return EdgeRule(category, Unspecified(), Conventions(zone, None), unreadable=True)
    return rule_of(profile, category, zone, settings.footage.retention_days)


def rule_of(profile: Profile, category: Category, zone: ZoneInfo, days: int) -> EdgeRule:
    """What this profile says of it. days: how long footage is kept."""
    found = profile.category(category.value)
    ceiling = found.ceiling_from_trigger  # nobody knows whose membership an event was of
    return EdgeRule(
        category,
        of(found.rule, days),
        Conventions(zone, profile.year_basis),
        None if ceiling is None else of(ceiling, days),
        profile.sha256,
    )


def journal_keeper(
    settings: Settings,
    service: str,
    journal: Journal,
    closing: ExitStack,
    *,
    waited_for: Callable[[], bool] = nobody_waits,
    busy_timeout_ms: int = BUSY_TIMEOUT_MS,
) -> JournalKeeper:
    """For the thread of ``journal``. busy_timeout_ms: how long it waits where the registers are locked."""
    known = known_holds(Paths.of(settings), closing, busy_timeout_ms)
    return JournalKeeper(
        JournalDisposal(
            journal,
            edge_rule(settings, CATEGORIES[service]),
            settings.branch.branch,
            clock_source(settings),
            known.read,
            waited_for,
        )
    )


def known_holds(paths: Paths, closing: ExitStack, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> KnownHolds:
    """For one thread. busy_timeout_ms: how long it waits where the registers are locked."""
    registers = RegistersReader(paths.registers, busy_timeout_ms)
    console = JournalReader(paths.journal("console"), busy_timeout_ms)
    closing.callback(registers.close)
    closing.callback(console.close)
    return KnownHolds(registers, console)


def clock_source(settings: Settings) -> str:
    """What vouches for the clock, as certificates say it."""
    if settings.clock.assume_trusted:
        return "assumed"
    return "battery_or_synchronised" if settings.clock.battery_clock else "synchronised"
