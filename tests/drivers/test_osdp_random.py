"""Random numbers for libosdp where several lines come and go in one process."""

from __future__ import annotations

import pytest

from drivers import osdp_random


def test_a_line_that_begins_makes_nothing_predictable_for_those_that_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    osdp_random.take_over()

    def tried_again(*_: object) -> None:
        pytest.fail("a line that is asked at this moment would be challenged with known numbers")

    monkeypatch.setattr(osdp_random, "_initstate", tried_again)
    osdp_random.take_over()


def test_no_number_is_said_twice() -> None:
    osdp_random.take_over()
    said = set()
    for _ in range(1000):
        osdp_random.refill()
        said.add((osdp_random._libc.rand(), osdp_random._libc.rand()))
    assert len(said) == 1000
