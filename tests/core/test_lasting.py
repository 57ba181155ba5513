"""What lasts is told late and once."""

import pytest

from controller.core.lasting import Lasting, Turn

S = 1_000_000


def look(lasting: Lasting, level: bool, now_us: int) -> Turn | None:
    return lasting.look(begins=level, ends=not level, now_us=now_us)


def test_it_begins_when_it_has_lasted_and_once() -> None:
    lasting = Lasting(2, 3)
    assert lasting.in_force is False
    assert look(lasting, True, 10 * S) is None
    assert lasting.due_us == 12 * S
    assert look(lasting, True, 12 * S - 1) is None
    assert not lasting.in_force
    assert look(lasting, True, 12 * S) is Turn.BEGUN
    assert lasting.in_force
    assert lasting.due_us is None
    assert look(lasting, True, 99 * S) is None


def test_it_ends_when_it_has_been_over_for_long_enough_and_once() -> None:
    lasting = Lasting(0, 3)
    assert look(lasting, True, 0) is Turn.BEGUN
    assert look(lasting, False, 5 * S) is None
    assert lasting.due_us == 8 * S
    assert look(lasting, False, 8 * S - 1) is None
    assert look(lasting, False, 8 * S) is Turn.ENDED
    assert not lasting.in_force
    assert lasting.due_us is None
    assert look(lasting, False, 20 * S) is None


def test_a_break_begins_the_waiting_anew() -> None:
    lasting = Lasting(2, 2)
    for now_us, level in ((0, True), (1 * S, False), (2 * S, True), (3 * S, True)):
        assert look(lasting, level, now_us) is None
    assert look(lasting, True, 4 * S) is Turn.BEGUN
    for now_us, level in ((5 * S, False), (6 * S, True), (7 * S, False), (8 * S, False)):
        assert look(lasting, level, now_us) is None
    assert look(lasting, False, 9 * S) is Turn.ENDED


def test_without_a_delay_every_change_counts_at_once() -> None:
    lasting = Lasting(0, 0)
    for now_us in range(0, 10, 2):
        assert look(lasting, True, now_us) is Turn.BEGUN
        assert look(lasting, False, now_us + 1) is Turn.ENDED


def test_where_nothing_speaks_for_or_against_it_it_stays_as_it_is() -> None:
    lasting = Lasting(0, 0)
    assert lasting.look(begins=False, ends=False, now_us=0) is None
    assert lasting.look(begins=True, ends=False, now_us=1) is Turn.BEGUN
    assert lasting.look(begins=False, ends=False, now_us=2) is None
    assert lasting.in_force
    assert lasting.look(begins=False, ends=True, now_us=3) is Turn.ENDED


@pytest.mark.parametrize(("begin_s", "due_us"), [(0.5, 500_000), (1.25, 1_250_000)])
def test_parts_of_a_second_count(begin_s: float, due_us: int) -> None:
    lasting = Lasting(begin_s, 0)
    assert look(lasting, True, 0) is None
    assert lasting.due_us == due_us
