"""The examination as a process of its own: what comes of it, and that there is one at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from controller.console.assure.examination import Examination, Examined

Fake = Callable[[str], Examination]
After = Callable[[Examination], Examined]


@pytest.fixture
def fake() -> Fake:
    return lambda program: Examination((sys.executable, "-c", program))


@pytest.mark.parametrize("code", [0, 1])
def test_it_finds_out_whether_or_not_all_is_kept(fake: Fake, after: After, code: int) -> None:
    examination = fake(f'print(\'{{"branch": "x"}}\'); raise SystemExit({code})')
    assert examination.now == Examined()
    examination.begin(7)
    assert after(examination) == Examined(None, {"branch": "x"})


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("import sys; sys.exit('bar\\nError: no profile is named')", "no profile is named"),
        ("print('[]')", "it ended with exit code 0"),
        ("raise SystemExit(3)", "it ended with exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "it ended with exit code -9"),
    ],
)
def test_what_it_cannot_find_out_it_says(fake: Fake, after: After, program: str, fault: str) -> None:
    examination = fake(program)
    examination.begin(7)
    assert after(examination) == Examined(None, None, fault)


def test_what_cannot_be_started_is_said() -> None:
    examination = Examination(("/no/such/program",))
    examination.begin(7)
    assert examination.now == Examined(None, None, "it could not be started: No such file or directory")


def test_one_at_a_time_and_none_when_it_is_closed(fake: Fake) -> None:
    examination = fake("import time; time.sleep(600)")
    examination.begin(7)
    examination.begin(8)
    assert examination.now.began_us == 7
    examination.close()
    assert examination.now == Examined(None, None, "it ended with exit code -9")
