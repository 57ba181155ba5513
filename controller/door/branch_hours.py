"""The branch's hours as they were set, with the bank holidays.

Fails closed: where bank holidays are to be kept and cannot be known, any day may be one, and the branch
is closed on all that have no hours of their own as dates.
"""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from controller.core.hours import Schedule
from controller.settings.bank_holidays import BankHolidaysUnknown, Question
from controller.settings.model import Settings
from controller.settings.rules import hours_of

log = logging.getLogger(__name__)


class BranchHours:
    """Asks for the bank holidays as soon as it is made, which takes a while, and needs them in ``schedule``.

    bank_holidays_known: False once they turned out not to be known.
    """

    def __init__(self, settings: Settings) -> None:
        self._hours = settings.hours
        self._zone = ZoneInfo(settings.branch.timezone)
        nation = settings.hours.bank_holidays.nation
        self._question = Question(nation) if nation else None
        self.bank_holidays_known = True

    def schedule(self) -> Schedule:
        """Waits for the bank holidays."""
        if self._question is None:
            return Schedule(hours_of(self._hours), self._zone)
        try:
            return Schedule(hours_of(self._hours, self._question.answer()), self._zone)
        except BankHolidaysUnknown as error:
            log.error(
                "the bank holidays of %s cannot be known, so the branch is closed on every day that is not "
                "in hours.dates: %s",
                self._hours.bank_holidays.nation,
                error,
            )
            self.bank_holidays_known = False
            return Schedule(hours_of(self._hours, None), self._zone)

    def close(self) -> None:
        if self._question is not None:
            self._question.close()
