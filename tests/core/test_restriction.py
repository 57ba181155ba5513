from __future__ import annotations

from dataclasses import replace

import pytest

from controller.core.restriction import Ground, Means, Restriction

RESTRICTION = Restriction("r", "DP/7", Ground.OBJECTION, frozenset({"e1"}), 100, "dpo")
INFORMED = replace(RESTRICTION, informed_us=200, informed_by="dpo", informed_how=Means.LETTER)


def test_it_is_in_force_until_it_is_lifted() -> None:
    assert RESTRICTION.in_force
    assert INFORMED.in_force
    assert not replace(INFORMED, lifted_us=300, lifted_by="dpo", lift_reason="settled").in_force


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="only after the subject was told"):
        replace(RESTRICTION, lifted_us=300, lifted_by="dpo", lift_reason="settled")
    with pytest.raises(ValueError, match="at least one event"):
        replace(RESTRICTION, event_ids=frozenset())
    with pytest.raises(ValueError, match="by some means"):
        replace(RESTRICTION, informed_us=200, informed_by="dpo")
    with pytest.raises(ValueError, match="with a reason"):
        replace(INFORMED, lifted_us=300, lifted_by="dpo")
