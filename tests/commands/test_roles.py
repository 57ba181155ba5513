from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from controller.core.event import Stamp
from controller.settings.load import load
from controller.settings.staff import Role
from controller.staff.roles import NotAllowed, check

NOW = Stamp(1_795_284_000_000_000, 1, "boot-1", clock_trusted=True)  # of that day


def test_what_is_lacking_is_told_with_its_remedy(config: Path, log_in: Callable[[int], None]) -> None:
    text = config.read_text().replace(
        "[[staff]]", '[[staff]]\naccount = "4002"\nroles = ["cctv"]\n\n[[staff]]'
    )
    config.write_text(text)
    settings = load(config)

    def told(uid: int, *wanted: Role, now: Stamp = NOW) -> str:
        log_in(uid)
        with pytest.raises(NotAllowed) as refused:
            check(settings, wanted, now, config)
        return str(refused.value)

    assert told(4001, Role.DPO) == (
        f'{config}: 4001 is in no [[staff]] table; add account = "4001" with the role "dpo"'
    )
    assert told(4002, Role.DPO, Role.SUPERVISOR) == (
        f'{config}: 4002 does not have the role "dpo" or "supervisor"; add it to roles in the [[staff]] table'
    )
    assert "the training of 4002 is not recorded; train, then set trained_until" in told(4002, Role.CCTV)
    untrusted = Stamp(NOW.wall_us, 1, "boot-1", clock_trusted=False)
    assert "the clock is not set" in told(4002, Role.CCTV, now=untrusted)


def test_training_counts_in_local_days(config: Path, log_in: Callable[[int], None]) -> None:
    """Half past midnight in a summer night is the day before in UTC."""
    table = '[[staff]]\naccount = "4003"\nroles = ["cctv"]\ntrained_until = 2026-07-01\n\n[[staff]]'
    config.write_text(config.read_text().replace("[[staff]]", table))
    log_in(4003)
    at_us = 1_782_862_200_000_000  # 2026-06-30T23:30Z
    assert check(load(config), [Role.CCTV], Stamp(at_us, 1, "b", True), config).user == "4003"
    with pytest.raises(NotAllowed, match="ended on 2026-07-01"):
        check(load(config), [Role.CCTV], Stamp(at_us + 86_400_000_000, 1, "b", True), config)
