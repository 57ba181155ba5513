"""A category of data, as the notice or the controller knows it, and how long it is kept."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from controller.core.hold import Category
from controller.core.retention.rules import Then
from controller.settings.policy.parts import Key, Sentence, Words
from controller.settings.policy.rules import (
    CurrentYearPlus,
    Duration,
    Immediate,
    Rule,
    Unspecified,
    Window,
    surely_within,
)
from controller.settings.section import Name, Section

FOOTAGE = Category.FOOTAGE.value
EDGE = frozenset(category.value for category in Category)
"""What the controller itself keeps."""


class CategoryRule(Section):
    """held: by the controller, or elsewhere in the authority. trigger: the day that the rule counts from.

    rule: what is done. ceiling: what the notice promises; the earlier of the two counts. ceiling_trigger:
    its day, where that is another. sentence: the notice's own. missing: what it does not say and would
    have to, where no period is set.
    """

    id: Key
    what: Words
    held: Literal["controller", "elsewhere"]
    trigger: Words
    rule: Rule
    ceiling: Rule | None = None
    ceiling_trigger: Words | None = None
    sentence: Sentence = ""
    missing: Words | None = None
    assumptions: tuple[Name, ...] = Field(default=(), max_length=40)

    @property
    def ceiling_from_trigger(self) -> Rule | None:
        """The ceiling, where it counts from the rule's own day: from another, the controller cannot count."""
        return self.ceiling if self.ceiling_trigger is None else None

    @property
    def uses_years(self) -> bool:
        """Whether a date of it depends on when a year begins."""
        return isinstance(self.rule, CurrentYearPlus) or isinstance(self.ceiling, CurrentYearPlus)

    @model_validator(mode="after")
    def _held_where_it_can_be_kept(self) -> Self:
        if (self.id in EDGE) != (self.held == "controller"):
            names = ", ".join(sorted(EDGE))
            raise ValueError(f'held = "controller" is for what the controller itself keeps ({names}) alone')
        if self.id == FOOTAGE:
            if not isinstance(self.rule, Window | Unspecified) or self.ceiling is not None:
                raise ValueError('footage has rule = { kind = "window", … } or "unspecified", and no ceiling')
        elif isinstance(self.rule, Window) or isinstance(self.ceiling, Window):
            raise ValueError('kind = "window" is for footage alone; take kind = "duration"')
        elif self.held == "controller" and not isinstance(self.rule, Duration | CurrentYearPlus | Immediate):
            raise ValueError(
                f'the controller cannot dispose of this by kind = "{self.rule.kind}"; take "duration", '
                '"current_year_plus" or "immediate"'
            )
        elif self.held == "controller" and getattr(self.rule, "then", Then.DESTROY) is not Then.DESTROY:
            raise ValueError('what is due here is destroyed, nobody looks at it; remove then = "review"')
        return self

    @model_validator(mode="after")
    def _founded(self) -> Self:
        if (self.missing is not None) != isinstance(self.rule, Unspecified):
            raise ValueError('rule = { kind = "unspecified" } goes with missing: what the notice lacks')
        if not (self.sentence or self.missing or self.assumptions):
            raise ValueError("nothing says why; quote the sentence of the notice, or name an assumption")
        if self.ceiling_trigger is not None and self.ceiling is None:
            raise ValueError("ceiling_trigger means nothing without a ceiling; remove it")
        if (
            self.held == "controller"
            and self.ceiling is not None
            and self.ceiling_trigger is not None
            and not surely_within(self.rule, self.ceiling)
        ):
            raise ValueError(
                "the ceiling counts from a day that the controller does not know, so the rule must "
                f"keep no longer than the ceiling does, which is {self.ceiling.in_words}; take a shorter rule"
            )
        return self
