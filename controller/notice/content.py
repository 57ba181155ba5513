"""What stands in a privacy notice and on the sign at the door, as plain sentences and rows.

Here: the values that the templates lay out. Never here: where they come from (``wording``), and how they
look (``rendering``, ``templates/``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera. when: it is recorded, a line for each of its modes. covered: what it does not show."""

    name: str
    when: tuple[str, ...]
    covered: str


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A kind of data. how_long: in words. where: it is kept. sentence: of the authority's notice, or ""."""

    what: str
    how_long: str
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """Somebody who may be given data. reasons: when."""

    who: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RightRow:
    """What somebody may ask for, and the answer in words."""

    right: str
    answer: str


@dataclass(frozen=True, slots=True)
class Content:
    """A whole notice. branch: its name for people. dated, review_on: in words; "" if not set.

    draft: what must still be done before the policy profile is in force; empty: it is. cctv: how long
    footage is kept, "" if nothing is recorded; no_pictures says so then. policy: id of the profile.
    policy_sha256: of its file.
    """

    title: str
    authority: str
    branch: str
    dated: str
    review_on: str
    draft: tuple[str, ...]
    purposes: tuple[str, ...]
    collected: tuple[str, ...]
    lawful_bases: tuple[str, ...]
    at_the_door: tuple[str, ...]
    cameras: tuple[CameraRow, ...]
    of_pictures: tuple[str, ...]
    no_pictures: str
    cctv: str
    why_cameras: tuple[str, ...]
    access_log: str
    kept: tuple[KeptRow, ...]
    viewing: tuple[str, ...]
    recipients: tuple[RecipientRow, ...]
    sharing: tuple[str, ...]
    holds: tuple[str, ...]
    rights: tuple[RightRow, ...]
    contact: tuple[str, ...]
    complaints: str
    policy: str
    policy_sha256: str
