"""Which days are bank holidays, by nation, from the library ``holidays``.

The library costs more memory and start-up time than the door has to spare (docs/decisions). Hence
``Question``: the door asks a process of its own, which ends as soon as it has answered. Everybody else
calls ``dates``. Run as ``python -m controller.settings.bank_holidays NATION FIRST_YEAR LAST_YEAR`` it
writes a date a line.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from typing import Literal, get_args

Nation = Literal["england-and-wales", "scotland", "northern-ireland"]
SUBDIVISIONS: dict[Nation, str] = {"england-and-wales": "ENG", "scotland": "SCT", "northern-ireland": "NIR"}
FIRST_YEAR, LAST_YEAR = 2020, 2099
"""All that a controller will ever ask for: a clock that is wrong at the start must not matter."""
LIMIT_S = 10.0
"""A Raspberry Pi needs one or two seconds."""


class BankHolidaysUnknown(Exception):
    """The dates could not be had. ``str()`` says why."""


def dates(nation: Nation, first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> frozenset[date]:
    """All bank holidays of these years, with the days that stand in for those at weekends, and those too."""
    import holidays

    found = holidays.country_holidays(
        "GB", subdiv=SUBDIVISIONS[nation], years=range(first_year, last_year + 1)
    )
    return frozenset(found)


class Question:
    """Asked of a process of its own, so that whoever asks has other things to do meanwhile."""

    def __init__(self, nation: Nation) -> None:
        self._failure: OSError | None = None
        command = [sys.executable, "-P", "-m", __name__, nation, str(FIRST_YEAR), str(LAST_YEAR)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        except OSError as error:
            self._failure = error

    def answer(self, limit_s: float = LIMIT_S) -> frozenset[date]:
        """Waits for it. Raises BankHolidaysUnknown, also for an answer that cannot be the whole of it."""
        if self._failure is not None:
            raise BankHolidaysUnknown(str(self._failure)) from self._failure
        try:
            out, complaint = self._process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired as error:
            self.close()
            raise BankHolidaysUnknown(f"no answer within {limit_s:g} s") from error
        if self._process.returncode:
            last_line = complaint.strip().rpartition("\n")[2]
            raise BankHolidaysUnknown(last_line or f"exit code {self._process.returncode}")
        return understand(out.splitlines())

    def close(self) -> None:
        """Whether it was answered or not."""
        if self._failure is None and self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


def understand(lines: Iterable[str]) -> frozenset[date]:
    """Raises BankHolidaysUnknown unless every line is a date and every year has Christmas Day."""
    try:
        found = frozenset(map(date.fromisoformat, lines))
    except ValueError as error:
        raise BankHolidaysUnknown(str(error)) from error
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        if date(year, 12, 25) not in found:
            raise BankHolidaysUnknown(f"the library knows no Christmas Day in {year}")
    return found


def main(nation: str, first_year: str, last_year: str) -> None:
    for known in get_args(Nation):
        if nation == known:
            for day in sorted(dates(known, int(first_year), int(last_year))):
                print(day)  # noqa: T201 -- this is the answer


if __name__ == "__main__":
    main(*sys.argv[1:])
