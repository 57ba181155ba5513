import ctypes
import time

from pytest_mock import MockerFixture

from drivers import system_clock
from drivers.system_clock import SystemClock


def test_a_reading_has_both_clocks_and_the_boot() -> None:
    clock = SystemClock()
    first, second = clock.read(), clock.read()
    assert abs(first.wall_us - time.time() * 1e6) < 60e6
    assert clock.since_boot_us() >= second.mono_us >= first.mono_us > 0
    assert first.boot_id == second.boot_id
    assert len(first.boot_id) == 36


def test_a_clock_that_cannot_be_asked_is_not_believed(mocker: MockerFixture) -> None:
    clock = SystemClock()
    mocker.patch.object(clock, "_adjtimex", return_value=-1)
    assert clock.read().synchronised is False


def test_the_kernel_fills_the_structure_we_describe() -> None:
    answer = system_clock._Timex()
    before_s = int(time.time())
    assert SystemClock()._adjtimex(ctypes.byref(answer)) >= 0
    assert before_s - 1 <= answer.time_s <= before_s + 60
    assert 9_000 <= answer.tick <= 11_000  # microseconds a clock tick, about 1/100 s: the layout is right
