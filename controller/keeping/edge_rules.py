"""How long each owner keeps its journal: the category it falls under, and the rule of the policy for that.

Never here: the arithmetic (``core.retention``), the profile's file (``settings.policy``), and the destroying.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.hold import OF_JOURNAL, Category
from controller.core.retention.due import Conventions, Due, due, due_before_us, earlier
from controller.core.retention.rules import (
    CurrentYearPlus,
    Duration,
    Immediate,
    Moments,
    Period,
    Permanent,
    Rule,
    Then,
    Unspecified,
    WhileThen,
    Window,
)

CATEGORIES = OF_JOURNAL
ACCESS_LOG_DAYS = 90
"""No notice says how long a door's events are kept: so long, where no profile says otherwise."""
ACCESS_LOG_RULE = Duration(Period(days=ACCESS_LOG_DAYS))
_KINDS: Mapping[type[Rule], str] = {
    Duration: "duration",
    CurrentYearPlus: "current_year_plus",
    Window: "window",
    WhileThen: "while_then",
    Immediate: "immediate",
    Permanent: "permanent",
    Unspecified: "unspecified",
}


@dataclass(frozen=True, slots=True)
class EdgeRule:
    """rule: what is done. ceiling: what the notice promises; the earlier counts. Both from an event's time.

    policy: SHA-256 of the profile's file; empty where none was chosen. unreadable: one was, and nobody knows
    what it says: nothing falls due, and whatever grows old is told.
    """

    category: Category
    rule: Rule
    conventions: Conventions
    ceiling: Rule | None = None
    policy: str = ""
    unreadable: bool = False

    @property
    def basis(self) -> str:
        """The kind of rule, as a certificate names it."""
        return _KINDS[type(self.rule)]

    def due_before_us(self, now_us: int) -> int | None:
        """Events from before this are to be destroyed by now, none from then on. None: none are."""
        found = (due_before_us(rule, now_us, self.conventions) for rule in self._destroying)
        return max((one for one in found if one is not None), default=None)

    def due_us(self, event_us: int) -> int:
        """From when an event of that time is to be destroyed. Raises LookupError if it never is."""
        moment = Moments(event_us, event_us)
        found = [due(rule, moment, self.conventions) for rule in self._destroying]
        answer = earlier(*found) if found else None
        if isinstance(answer, Due):
            return answer.due_us
        raise LookupError(f"{self.category.value} are not destroyed by this rule")

    @property
    def _destroying(self) -> list[Rule]:
        """What has fallen due for a review a person decides about."""
        rules = (self.rule, self.ceiling)
        return [rule for rule in rules if rule and getattr(rule, "then", Then.DESTROY) is Then.DESTROY]
