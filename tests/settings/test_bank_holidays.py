"""The library's dates against the gov.uk list, and what is made of a process that does not answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from controller.settings import bank_holidays
from controller.settings.bank_holidays import BankHolidaysUnknown, Nation, Question, dates, understand

# Days on which banks are closed in 2026 and 2027 besides weekends, as gov.uk/bank-holidays lists them.
LISTED: dict[Nation, str] = {
    "england-and-wales": "2026: 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28 "
    "2027: 01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    "scotland": "2026: 01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28 "
    "2027: 01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28",
    "northern-ireland": "2026: 01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28 "
    "2027: 01-01 03-17 03-26 03-29 05-03 05-31 07-12 08-30 12-27 12-28",
}


def listed(text: str) -> set[date]:
    found, year = set(), ""
    for word in text.split():
        if word.endswith(":"):
            year = word[:-1]
        else:
            found.add(date.fromisoformat(f"{year}-{word}"))
    return found


@pytest.mark.parametrize("nation", get_args(Nation))
def test_the_dates_are_the_published_ones(nation: Nation) -> None:
    found = dates(nation, 2026, 2027)
    assert {day for day in found if day.weekday() < 5} == listed(LISTED[nation])
    # Days at a weekend that others stand in for are kept as well: the branch is closed on both.
    assert date(2026, 12, 26) in found


@pytest.mark.parametrize("nation", get_args(Nation))
def test_a_process_of_its_own_answers_the_same(nation: Nation) -> None:
    assert Question(nation).answer() == dates(nation)


def test_whoever_asks_does_not_load_the_library() -> None:
    program = (
        "import sys; from controller.settings.bank_holidays import Question;"
        "assert Question('scotland').answer(); assert 'holidays' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


Stub = Callable[[str], None]


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """A shell script in the place of Python."""

    def write(script: str) -> None:
        file = tmp_path / "python"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(file))

    return write


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'ModuleNotFoundError: No module' >&2; exit 1", "ModuleNotFoundError"),
        ("exit 3", "exit code 3"),
        ("true", "no Christmas Day"),
        ("echo 2026-12-25", "no Christmas Day"),
        ("echo nonsense", "nonsense"),
    ],
)
def test_what_is_no_answer_is_not_believed(stub: Stub, script: str, why: str) -> None:
    stub(script)
    with pytest.raises(BankHolidaysUnknown, match=why):
        Question("scotland").answer()


def test_a_process_that_hangs_is_ended(stub: Stub) -> None:
    stub("exec sleep 600")
    question = Question("scotland")
    with pytest.raises(BankHolidaysUnknown, match=r"no answer within 0\.1 s"):
        question.answer(limit_s=0.1)


def test_a_question_that_nobody_waits_for_is_ended(stub: Stub) -> None:
    stub("exec sleep 600")
    question = Question("scotland")
    question.close()
    question.close()


def test_a_process_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    question = Question("scotland")
    with pytest.raises(BankHolidaysUnknown, match="nonexistent"):
        question.answer()
    question.close()


def test_every_year_must_be_there() -> None:
    every = [f"{year}-12-25" for year in range(bank_holidays.FIRST_YEAR, bank_holidays.LAST_YEAR + 1)]
    assert len(understand(every)) == len(every)
    with pytest.raises(BankHolidaysUnknown):
        understand(every[:-1])
