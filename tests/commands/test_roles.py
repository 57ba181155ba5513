from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from controller.commands.roles import Lack, NotAllowed, check, lacking
from controller.core.event import Stamp
from controller.settings.load import load
from controller.settings.staff import Role, Staff

TODAY = date(2026, 11, 21)
NOW = Stamp(1_795_284_000_000_000, 1, "boot-1", clock_trusted=True)  # of that day


def staff(*roles: Role, until: date | None = None) -> Staff:
    return Staff(account="jo", roles=frozenset(roles), trained_until=until)


@pytest.mark.parametrize(
    ("who", "wanted", "today", "lack"),
    [
        (None, {Role.DPO}, TODAY, Lack.NOT_STAFF),
        (staff(Role.DESK), {Role.DPO, Role.SUPERVISOR}, TODAY, Lack.NO_ROLE),
        (staff(Role.DPO), {Role.DPO, Role.SUPERVISOR}, TODAY, None),
        (staff(Role.DPO), {Role.DPO}, None, None),  # needs no training, so no date
        (staff(Role.SUPERVISOR), {Role.SUPERVISOR}, TODAY, Lack.TRAINING_LAPSED),
        (staff(Role.SUPERVISOR, until=date(2026, 11, 20)), {Role.SUPERVISOR}, TODAY, Lack.TRAINING_LAPSED),
        (staff(Role.SUPERVISOR, until=TODAY), {Role.SUPERVISOR}, TODAY, None),
        (staff(Role.CCTV, until=TODAY), {Role.CCTV}, TODAY, None),
        (staff(Role.CCTV, until=TODAY), {Role.CCTV}, None, Lack.CLOCK_UNTRUSTED),
        (staff(Role.CCTV, Role.DPO), {Role.CCTV, Role.DPO}, TODAY, None),  # one role is enough
        (staff(Role.CCTV, Role.DPO), {Role.CCTV}, TODAY, Lack.TRAINING_LAPSED),
    ],
)
def test_what_somebody_lacks(
    who: Staff | None, wanted: set[Role], today: date | None, lack: Lack | None
) -> None:
    assert lacking(who, wanted, today) is lack


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
        return refused.value.message

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
