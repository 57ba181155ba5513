from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from controller.core.event import event_id
from controller.core.restriction import Ground, Restriction
from controller.store.registers import Registers


@pytest.fixture
def restrict(console: Any) -> Callable[..., None]:
    """Restricts events, as if staff had long done so."""

    def restricted(*event_ids: str) -> None:
        now_us = console.clock.wall_us
        restriction = Restriction(
            event_id(now_us, 7), "SAR-2026-001", Ground.ACCURACY, frozenset(event_ids), now_us, "dpo"
        )
        with closing(Registers.open(console.branch.paths.registers)) as registers:
            registers.add_restriction(restriction)

    return restricted
