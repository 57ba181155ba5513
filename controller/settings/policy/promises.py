"""What keeps a promise of the notice, other than a period or a right.

Here: the names of what the controller does about it. Never here: whether it works,
which ``unlocked assure`` finds out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from controller.settings.policy.parts import Key, Sentence, Words, some
from controller.settings.section import Name, Section


class Keeps(StrEnum):
    """A mechanism of the controller. ``ELSEWHERE``: the authority keeps it outside this software."""

    DOOR_DECISIONS = "door_decisions"
    PROJECTION = "projection"
    SEALED_IDENTITIES = "sealed_identities"
    RECORDING_WATCHED = "recording_watched"
    NO_ANALYTICS = "no_analytics"
    NO_REGULAR_EXPORT = "no_regular_export"
    VIEWING_BY_NEED = "viewing_by_need"
    DISCLOSURE_FORM = "disclosure_form"
    STAFF_ROLES = "staff_roles"
    STATISTICS_ANONYMISED = "statistics_anonymised"
    DISPOSAL = "disposal"
    LEGAL_HOLDS = "legal_holds"
    NOTICE_COMPARED = "notice_compared"
    JOURNAL_PROOF = "journal_proof"
    ELSEWHERE = "elsewhere"


HOW = {
    Keeps.DOOR_DECISIONS: "the door lets in known members in order, and refuses everybody else with a reason",
    Keeps.PROJECTION: "the branch's copy of memberships has a keyed reference, a status, dates and flags; "
    "names, addresses, birth dates, phones and e-mail addresses are refused at the import and dropped",
    Keeps.SEALED_IDENTITIES: "a member's card number is in the journal in a sealed box only, whose key is "
    "not on the device; a stranger's is nowhere",
    Keeps.RECORDING_WATCHED: "each camera is watched, and whatever was not recorded is journalled as a gap",
    Keeps.NO_ANALYTICS: "no face, no number plate and no attribute of a person is recognised, and no sound "
    "is recorded",
    Keeps.NO_REGULAR_EXPORT: "footage leaves by a command given by hand, one export at a time; a scheduled "
    "or continuous one cannot be set up",
    Keeps.VIEWING_BY_NEED: "footage is shown and exported to a role with training in date and a need "
    "reference; each viewing and each refusal is journalled",
    Keeps.DISCLOSURE_FORM: "the authority's own form, on paper: the controller has none yet",
    Keeps.STAFF_ROLES: "what staff may do goes by the role of their own account, and is journalled",
    Keeps.STATISTICS_ANONYMISED: "statistics are counts by hour, weekday and reason, of nobody; small "
    "counts are not told and the others are rounded",
    Keeps.DISPOSAL: "what is due is destroyed at the next sweep, hourly unless set otherwise, with a "
    "certificate; what is overdue raises an alarm",
    Keeps.LEGAL_HOLDS: "a hold stops destruction until it is ended, and for some days after",
    Keeps.NOTICE_COMPARED: "the published notice is compared with profile and settings at each start",
    Keeps.JOURNAL_PROOF: "the journal is a chain: what was altered or removed is found",
    Keeps.ELSEWHERE: "the authority, outside this software",
}
"""In words, for pages."""
NOT_YET = frozenset({Keeps.DISCLOSURE_FORM})
"""Of these the controller has nothing to show."""


class Promise(Section):
    """A sentence and what keeps it, for the whole notice or for some of its categories."""

    id: Name
    sentence: Sentence = Field(min_length=1)
    keeps: Annotated[tuple[Keeps, ...], AfterValidator(some)] = Field(max_length=8)
    categories: tuple[Key, ...] = Field(default=(), max_length=40)
    note: Words | None = None
