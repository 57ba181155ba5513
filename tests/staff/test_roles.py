from __future__ import annotations

from datetime import date

import pytest

from controller.settings.staff import Role, Staff
from controller.staff.roles import Lack, lacking

TODAY = date(2026, 11, 21)


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


@pytest.mark.parametrize("today", [TODAY, None])
def test_what_must_not_wait_for_training(today: date | None) -> None:
    untrained = staff(Role.SUPERVISOR)
    assert lacking(untrained, {Role.SUPERVISOR}, today, trained=False) is None
    assert lacking(untrained, {Role.DPO}, today, trained=False) is Lack.NO_ROLE
