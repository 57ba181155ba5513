"""What the page of today shows, as values: made by ``board``, laid out by the templates.

Two that are equal look the same, so that only what has changed is sent to whoever looks on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """The colour of a tag, as govuk-frontend names it. A word is always beside it."""

    GOOD = "green"
    PLAIN = "grey"
    TOLD = "blue"
    LOOK = "yellow"
    BAD = "red"


class Rank(StrEnum):
    """How soon a thing wants somebody. In this order."""

    NOW = "Now"
    SOON = "Soon"
    KNOW = "Good to know"


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that wants attention. title: what is the matter. remedy: what to do about it.

    key: the same for as long as it is the same matter. since_us: wall time; None where nobody knows.
    """

    key: str
    rank: Rank
    title: str
    remedy: str
    since_us: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A thing and how it is. detail: what else there is to say of it, in a sentence.

    when_us: since when it is so; with ``as_of``, from when what is said of it is.
    """

    name: str
    word: str
    tone: Tone
    detail: str = ""
    when_us: int | None = None
    as_of: bool = False


@dataclass(frozen=True, slots=True)
class DoorRow:
    """A door, by its id. rows: its lock, its contact and its readers."""

    id: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Orders:
    """What can be ordered now: a lockdown where a door is in none, its end where one is. Both in doubt."""

    lockdown: bool = True
    end_lockdown: bool = True
    unlock: bool = False


@dataclass(frozen=True, slots=True)
class InsideShown:
    """figure: the estimate, short. sentences: how far it may be believed."""

    figure: str
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened just now. id: of the event. door: empty for what is of the whole building.

    word, colour: of its mark. told: what happened, in a sentence.
    """

    id: str
    wall_us: int
    clock_trusted: bool
    door: str
    word: str
    colour: str
    told: str


@dataclass(frozen=True, slots=True)
class Board:
    """All of the page that may change. hidden: restricted happenings that are left out.

    midnight_us: when the local day began; what came before is shown with its day.
    """

    matters: tuple[Matter, ...] = ()
    orders: Orders = Orders()
    doors: tuple[DoorRow, ...] = ()
    hours: str = ""
    inside: InsideShown = InsideShown("Not known")
    happenings: tuple[Happening, ...] = ()
    hidden: int = 0
    cameras: tuple[Row, ...] = ()
    systems: tuple[Row, ...] = ()
    midnight_us: int = 0
