"""A policy profile: a whole file, the rules that join its tables, and what keeps it from being live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from controller.core.retention.rules import YearBasis
from controller.settings import bank_holidays
from controller.settings.policy.categories import EDGE, FOOTAGE, CategoryRule
from controller.settings.policy.parts import Day, Words
from controller.settings.policy.promises import Promise
from controller.settings.policy.rules import Window
from controller.settings.policy.tables import (
    Assumption,
    HoldRules,
    Identities,
    Notice,
    Recipient,
    Right,
    RightAnswer,
)
from controller.settings.section import Name, Section


class Nation(StrEnum):
    """Whose bank holidays count."""

    ENGLAND = "ENG"
    WALES = "WLS"
    SCOTLAND = "SCT"
    NORTHERN_IRELAND = "NIR"


BANK_HOLIDAYS: dict[Nation, bank_holidays.Nation] = {
    Nation.ENGLAND: "england-and-wales",
    Nation.WALES: "england-and-wales",
    Nation.SCOTLAND: "scotland",
    Nation.NORTHERN_IRELAND: "northern-ireland",
}


@dataclass(frozen=True, slots=True)
class NotReady:
    """What keeps a profile from being live: the key, and what to do."""

    key: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.key}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Origin:
    """file: where a profile was read. sha256: of the file, as ``sha256sum`` shows it."""

    file: Path
    sha256: str


class Profile(Section):
    """year_basis: when a year begins: 1 January, 1 April or 1 August."""

    id: Name
    title: Words
    authority: Words
    status: Literal["draft", "live"]
    nation: Nation
    year_basis: YearBasis | None = None
    review_on: Day | None = None
    notice: Notice
    categories: tuple[CategoryRule, ...] = Field(max_length=100)
    assumptions: tuple[Assumption, ...] = Field(default=(), max_length=100)
    rights: tuple[RightAnswer, ...] = Field(max_length=20)
    holds: HoldRules = HoldRules()
    identities: Identities = Identities()
    recipients: tuple[Recipient, ...] = Field(default=(), max_length=40)
    promises: tuple[Promise, ...] = Field(default=(), max_length=100)
    _origin: Origin | None = PrivateAttr(default=None)

    def model_post_init(self, context: object) -> None:
        self._origin = context if isinstance(context, Origin) else None

    @property
    def origin(self) -> Origin:
        assert self._origin is not None, "a profile comes from load_profile"
        return self._origin

    @property
    def sha256(self) -> str:
        """Of the file: what certificates and notices name the policy by."""
        return self.origin.sha256

    @property
    def bank_holidays(self) -> bank_holidays.Nation:
        return BANK_HOLIDAYS[self.nation]

    def category(self, category: str) -> CategoryRule:
        """Raises LookupError."""
        for found in self.categories:
            if found.id == category:
                return found
        raise LookupError(category)

    def assumption(self, assumption: str) -> Assumption:
        """Raises LookupError."""
        for found in self.assumptions:
            if found.id == assumption:
                return found
        raise LookupError(assumption)

    def right(self, right: Right) -> RightAnswer:
        return next(found for found in self.rights if found.right is right)

    @property
    def cctv(self) -> Window | None:
        """How long footage is kept; None: the notice does not say, and nothing may be recorded."""
        rule = self.category(FOOTAGE).rule
        return rule if isinstance(rule, Window) else None

    @property
    def cctv_missing(self) -> str | None:
        """The sentence that the notice lacks and without which nothing may be recorded."""
        return self.category(FOOTAGE).missing

    @property
    def live(self) -> bool:
        """Whether it is in force: it says so, and nothing is left to be done for it."""
        return not self.not_ready()

    def not_ready(self) -> tuple[NotReady, ...]:
        """What keeps it from being live. The passing of review_on does not: see ``review_passed``."""
        left = [
            NotReady(
                f"assumptions[{each.id}].accepted_by",
                "nobody has accepted it; whoever does sets accepted_by and accepted_on",
            )
            for each in self.assumptions
            if not each.accepted
        ]
        if self.notice.dated is None:
            left.append(NotReady("notice.dated", "the notice has no date; set the one it is published with"))
        if self.review_on is None:
            left.append(NotReady("review_on", "nobody has said when this is looked at again; set a date"))
        if self.status == "draft":
            left.append(NotReady("status", 'this is a draft; set status = "live" once all else is done'))
        return tuple(left)

    def review_passed(self, today: date) -> bool:
        """Whether it should have been looked at again before today: to be told, and no more."""
        return self.review_on is not None and self.review_on < today

    @model_validator(mode="after")
    def _names_of_their_own(self) -> Self:
        for what, names in (
            ("categories", [each.id for each in self.categories]),
            ("assumptions", [each.id for each in self.assumptions]),
            ("recipients", [each.id for each in self.recipients]),
            ("promises", [each.id for each in self.promises]),
        ):
            for name, count in Counter(names).items():
                if count > 1:
                    raise ValueError(f'{count} {what} have id = "{name}"; give each its own')
        return self

    @model_validator(mode="after")
    def _complete(self) -> Self:
        ids = {each.id for each in self.categories}
        if absent := sorted(EDGE - ids):
            raise ValueError(f'no category has id = "{absent[0]}", which the controller keeps; add it')
        answered = Counter(each.right for each in self.rights)
        for right in Right:
            if answered[right] != 1:
                raise ValueError(f'rights has right = "{right}" {answered[right]} times; have it once')
        if self.year_basis is None:
            for each in self.categories:
                if each.uses_years:
                    raise ValueError(
                        f"year_basis is missing, and without it categories[{each.id}] has no dates; set it "
                        'to "calendar", "financial" or "school"'
                    )
        return self

    @model_validator(mode="after")
    def _what_is_named_is_there(self) -> Self:
        assumptions = {each.id for each in self.assumptions}
        categories = {each.id for each in self.categories}
        for each in self.categories:
            _known(f"categories[{each.id}].assumptions", each.assumptions, assumptions)
        for promise in self.promises:
            _known(f"promises[{promise.id}].categories", promise.categories, categories)
        return self


def _known(key: str, named: Iterable[str], there: set[str]) -> None:
    for name in named:
        if name not in there:
            raise ValueError(f'{key} names "{name}", which is not there; add it or correct its spelling')
