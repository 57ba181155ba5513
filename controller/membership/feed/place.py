"""Where files of a feed appear: what the inbox needs of such a place.

Here: the protocol, and what is offered there. Never here: what is in a file, or whether it may be imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from controller.membership.feed.name import FeedName
from controller.membership.feed.refusal import BadFile
from controller.sftp import PlaceUnusable as PlaceUnusable

REFUSED = ".refused"
"""Behind the name of a file that is not to be looked at again."""
SIGNATURE_WAIT_US = 3_600_000_000
"""How long a file may lie there without its signature."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that is complete. version: changes with its content. signed: its signature is there.

    name: None if ``fault`` says why nothing can be made of it.
    """

    text: str
    version: tuple[int, ...]
    signed: bool
    waited_us: int
    name: FeedName | None = None
    fault: BadFile | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """growing: there are files that may not be complete yet; look again soon."""

    files: tuple[Offer, ...]
    growing: bool


class Changed(Exception):
    """The file is no longer what was offered: it is being sent again. A later look will find it complete."""


class Place(Protocol):
    """All methods raise PlaceUnusable. Names come from ``look``."""

    def look(self, now_us: int) -> Offers: ...

    def take(self, offer: Offer) -> tuple[BinaryIO, bytes | None]:
        """A copy of the file that nobody else can reach, and its signature.

        It is the very file that was offered, complete as it was then. Raises Changed, BadFile, OSError too.
        """
        ...

    def remove(self, offer: Offer) -> bool:
        """With its signature. False if the place does not let us."""
        ...

    def refuse(self, offer: Offer) -> bool:
        """Rename it, so that it is not looked at again. False if the place does not let us."""
        ...

    def drop_refused(self, now_us: int) -> None:
        """Those that have been lying there for long: they hold card numbers."""
        ...
