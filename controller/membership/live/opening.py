"""The desk as the settings want it, joined to its databases and secrets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from zoneinfo import ZoneInfo

from controller.core.card import CardNumber
from controller.core.event import Stamp
from controller.core.local_time import local_date
from controller.membership.last_said import ANSWERS, REACH, last_said
from controller.membership.live.desk import Desk, DeskRules
from controller.membership.live.records import Records
from controller.membership.live.stored_pins import HashedPins
from controller.membership.live.surroundings import Surroundings
from controller.membership.systems import live_source
from controller.secrets import credentials, site_key
from controller.secrets.pin import PinHasher
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.settings.pin import PinSettings
from controller.store.live_answers import LiveAnswers
from controller.store.members import Members
from controller.store.pins import StoredPins

HASH_US = 500_000
"""What is left of a PIN's deadline when the branch has to verify it: time for a hash, on a Pi as well."""


def open_desk(
    settings: Settings, now: Callable[[], Stamp], mono_us: Callable[[], int], closing: ExitStack
) -> Desk | None:
    """None where there is nothing to ask it.

    now: when it is, as last judged; mono_us: a clock that never steps. Both for any thread. Raises
    SecretMissing, BadDialect, DatabaseUnusable.
    """
    if settings.lms is None and not settings.pin.offline:
        return None
    paths, zone = Paths.of(settings), ZoneInfo(settings.branch.timezone)
    key = credentials.read(credentials.SITE_KEY)

    def member_ref(card: CardNumber) -> bytes:
        return site_key.member_ref(key, card)

    def today() -> date:
        return local_date(now().wall_us, zone)

    kept, members = LiveAnswers.open(paths.members), Members(paths.members)
    closing.callback(kept.close)
    closing.callback(members.close)
    pins = _hashed_pins(settings.pin, paths, member_ref, now, closing)
    source = None
    if settings.lms is not None:
        source = live_source(settings.lms, credentials.read, lambda: mono_us() / 1_000_000)
    desk = Desk(
        source,
        members,
        Records(kept, pins, member_ref, site_key.key_id(key)),
        Surroundings(now, mono_us, today, member_ref),
        _rules(settings),
        frozenset(event.type for event in last_said(paths.journal("membership"), REACH, ANSWERS)),
    )
    closing.callback(desk.close)
    return desk


def _rules(settings: Settings) -> DeskRules:
    deadline_us = settings.pin.deadline_ms * 1_000
    budget_us = max(deadline_us - HASH_US, deadline_us // 2) if settings.pin.offline else None
    return DeskRules(settings.membership.negative_s * 1_000_000, budget_us)


def _hashed_pins(
    settings: PinSettings,
    paths: Paths,
    member_ref: Callable[[CardNumber], bytes],
    now: Callable[[], Stamp],
    closing: ExitStack,
) -> HashedPins | None:
    if not settings.offline:
        return None
    stored, hasher = StoredPins(paths.members), PinHasher(credentials.read(credentials.PIN_KEY))
    closing.callback(stored.close)
    return HashedPins(stored, hasher, member_ref, now, settings.offline_max_age_us)
