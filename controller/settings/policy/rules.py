"""The tables that say how long something is kept: ``rule = { kind = "…", … }``, and ``ceiling`` likewise.

Each table is a rule of ``core.retention`` as it is written down (``of``). Never here: the arithmetic.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from controller.core.retention import rules as core
from controller.core.retention.footage import MAX_DAYS, MIN_DAYS
from controller.core.retention.rules import Then
from controller.settings.policy.parts import Words
from controller.settings.section import Section


class _Period(Section):
    years: int = Field(default=0, ge=0, le=100)
    months: int = Field(default=0, ge=0, le=1200)
    days: int = Field(default=0, ge=0, le=36_525)

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if not (self.years or self.months or self.days):
            raise ValueError('it lasts for no time; set years, months or days, or take kind = "immediate"')
        return self

    @property
    def period(self) -> core.Period:
        return core.Period(self.years, self.months, self.days)

    @property
    def least_days(self) -> int:
        return self.years * 365 + self.months * 28 + self.days

    @property
    def most_days(self) -> int:
        return self.years * 366 + self.months * 31 + self.days

    @property
    def in_words(self) -> str:
        named = (("year", self.years), ("month", self.months), ("day", self.days))
        return " ".join(f"{count} {unit}{'s' if count != 1 else ''}" for unit, count in named if count)


class Duration(_Period):
    """For so long after its day."""

    kind: Literal["duration"]
    then: Then = Then.DESTROY


class CurrentYearPlus(Section):
    """To the end of the year its day is in, and for so many years more. Which years: ``year_basis``.

    review_while: a state which, if it lasts when it falls due, has a person decide instead.
    """

    kind: Literal["current_year_plus"]
    years: int = Field(ge=0, le=100)
    then: Then = Then.DESTROY
    review_while: Words | None = None

    @property
    def least_days(self) -> int:
        return self.years * 365

    @property
    def most_days(self) -> int:
        return (self.years + 1) * 366

    @property
    def in_words(self) -> str:
        more = f" and {self.years} year{'s' if self.years != 1 else ''} more" if self.years else ""
        return f"the rest of the year{more}"


class Window(Section):
    """Footage: the branch's own figure (``footage.retention_days``) lies within this, both included."""

    kind: Literal["window"]
    min_days: int = Field(default=MIN_DAYS, ge=MIN_DAYS, le=MAX_DAYS)
    max_days: int = Field(default=MAX_DAYS, ge=MIN_DAYS, le=MAX_DAYS)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_days > self.max_days:
            raise ValueError("min_days is above max_days; swap them")
        return self

    @property
    def in_words(self) -> str:
        return f"{self.min_days} to {self.max_days} days of 24 hours each"


After = Annotated[Duration | CurrentYearPlus, Field(discriminator="kind")]


class WhileThen(Section):
    """As long as something lasts; then the rule ``after``, which counts from its last day."""

    kind: Literal["while_then"]
    lasts: Words
    after: After

    @property
    def in_words(self) -> str:
        return f"{self.lasts}, then {self.after.in_words}"


class Immediate(Section):
    """Gone at once."""

    kind: Literal["immediate"]

    @property
    def in_words(self) -> str:
        return "gone at once"


class Permanent(Section):
    kind: Literal["permanent"]

    @property
    def in_words(self) -> str:
        return "for good"


class Unspecified(Section):
    """The notice sets no period, so that nothing can be due."""

    kind: Literal["unspecified"]

    @property
    def in_words(self) -> str:
        return "no period is set"


Rule = Annotated[
    Duration | CurrentYearPlus | Window | WhileThen | Immediate | Permanent | Unspecified,
    Field(discriminator="kind"),
]


def surely_within(rule: Rule, ceiling: Rule) -> bool:
    """Whether the rule never keeps anything longer than the ceiling would, counted from the same day."""
    match rule, ceiling:
        case (Immediate(), _) | (_, Permanent() | Unspecified()):
            return True
        case Duration(), Duration():
            rules, ceilings = ((12 * each.years + each.months, each.days) for each in (rule, ceiling))
            return all(ours <= theirs for ours, theirs in zip(rules, ceilings, strict=True)) or (
                rule.most_days <= ceiling.least_days
            )
        case CurrentYearPlus(), CurrentYearPlus():
            return rule.years <= ceiling.years
        case Duration() | CurrentYearPlus(), Duration() | CurrentYearPlus():
            return rule.most_days <= ceiling.least_days
        case _:
            return False


def of(rule: Rule, footage_days: int) -> core.Rule:
    """The rule in the terms of ``core``. footage_days: the branch's own figure, for a window.

    Raises ValueError where that figure is not within the window.
    """
    match rule:
        case Duration() | CurrentYearPlus():
            return _counted(rule)
        case WhileThen():
            return core.WhileThen(_counted(rule.after))
        case Window():
            return core.Window(footage_days, rule.min_days, rule.max_days)
        case Immediate():
            return core.Immediate()
        case Permanent():
            return core.Permanent()
        case Unspecified():
            return core.Unspecified()


def _counted(rule: Duration | CurrentYearPlus) -> core.Duration | core.CurrentYearPlus:
    if isinstance(rule, Duration):
        return core.Duration(rule.period, rule.then)
    return core.CurrentYearPlus(rule.years, rule.then)
