"""The tables of a profile too small for a file of their own."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from controller.settings.policy.parts import Day, Sentence, Words, some
from controller.settings.section import Name, Section


class Notice(Section):
    """The published notice. dated: as it says itself; None: it says nothing, and must before it counts.

    Each list is of its sentences, word for word.
    """

    title: Words
    controller: Words
    source: Words
    dated: Day | None = None
    purposes: tuple[Words, ...] = Field(default=(), max_length=40)
    collected: tuple[Words, ...] = Field(default=(), max_length=40)
    lawful_bases: tuple[Words, ...] = Field(default=(), max_length=40)
    sharing: tuple[Words, ...] = Field(default=(), max_length=40)
    contact: Words | None = None
    complaints: Words | None = None


class Assumption(Section):
    """How something is read that the notice leaves open. accepted_by: a post, or whoever signs for it."""

    id: Name
    text: Words
    accepted_by: str = Field(default="", max_length=120)
    accepted_on: Day | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if bool(self.accepted_by.strip()) != (self.accepted_on is not None):
            raise ValueError("accepted_by and accepted_on go together; set both, or neither")
        return self

    @property
    def accepted(self) -> bool:
        return self.accepted_on is not None

    @property
    def in_words(self) -> str:
        return f"accepted by {self.accepted_by} on {self.accepted_on}" if self.accepted else "not accepted"


class Right(StrEnum):
    """Of the person whom the data are about (UK GDPR, Articles 15 to 21)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    COMPLETION = "completion"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"


class Answer(StrEnum):
    """What the notice says of a right. Whatever it is, a person answers each request."""

    YES = "yes"
    CASE_BY_CASE = "case_by_case"
    NOT_REQUIRED = "not_required"
    UNSTATED = "unstated"


class RightAnswer(Section):
    right: Right
    answer: Answer
    sentence: Sentence = ""

    @model_validator(mode="after")
    def _said_or_not(self) -> Self:
        if (self.answer is Answer.UNSTATED) == bool(self.sentence):
            raise ValueError('quote the sentence that says so, or take answer = "unstated" without one')
        return self


class HoldRules(Section):
    """people_to_end: the supervisor alone, or with a second person."""

    people_to_end: Literal[1, 2] = 1
    review_days: int = Field(default=90, ge=1, le=90)
    cooling_off_days: int = Field(default=7, ge=7, le=90)
    sentence: Sentence = ""


class Identities(Section):
    """people: who must agree that a member is named from an event."""

    people: Literal[1, 2] = 1


class Recipient(Section):
    """To whom the notice says that data may be disclosed, and for which reasons."""

    id: Name
    who: Words
    reasons: Annotated[tuple[Words, ...], AfterValidator(some)] = Field(max_length=20)
    sentence: Sentence = Field(min_length=1)
