from __future__ import annotations

import pytest

from controller.core.proposal import Kind, Outcome, Proposal

OPEN = Proposal("p", Kind.HOLD_END, "h", "case closed", 1, "Head")


def test_nobody_is_the_second_person_for_what_they_proposed() -> None:
    assert OPEN.second_person("deputy")
    assert not OPEN.second_person("Head")
    assert not OPEN.second_person("head"), "an account of the console, and one of the machine"
    with pytest.raises(ValueError, match="of their own"):
        Proposal("p", Kind.HOLD_END, "h", "x", 1, "Head", 2, "head", Outcome.CONFIRMED)


def test_what_is_decided_waits_for_nobody() -> None:
    done = Proposal("p", Kind.HOLD_END, "h", "x", 1, "head", 2, "deputy", Outcome.CONFIRMED)
    assert not done.open
    assert not done.second_person("third")
