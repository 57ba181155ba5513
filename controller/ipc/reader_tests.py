"""A test of a card reader: what the door says of it to the console and the command line.

How many characters a card number has is told, and whether all are digits: never the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from controller.ipc.messages import Reply

TEST_S = 30
"""A test ends by itself after so many seconds, or with the first card."""


class Heard(StrEnum):
    NOTHING = "nothing"
    PIECES = "pieces"
    """Bytes, and nothing whole among them."""
    NOT_A_CARD = "not_a_card"
    HALF_A_CARD = "half_a_card"
    """It began as a card and did not fit together."""
    KEY = "key"
    """Of a keypad."""
    CARD = "card"


@dataclass(frozen=True, slots=True)
class ReaderTested:
    """begun: whether there was a test at all since the door started. heard: the last that came, unless a card
    did. left_s: until it ends. characters, digits: of the card's number. bytes: that came, of a reader that
    sends bytes.
    """

    under_way: bool
    begun: bool = True
    left_s: int = 0
    heard: Heard = Heard.NOTHING
    characters: int = 0
    digits: bool = False
    bytes: int = 0


def tell(tested: ReaderTested) -> Reply:
    return Reply(
        done=True,
        data={
            "under_way": tested.under_way,
            "begun": tested.begun,
            "left_s": tested.left_s,
            "heard": tested.heard.value,
            "characters": tested.characters,
            "digits": tested.digits,
            "bytes": tested.bytes,
        },
    )


def heard_in(reply: Reply) -> ReaderTested | None:
    """None if it does not plainly say."""
    said = reply.data
    try:
        under_way, begun, digits = said["under_way"], said["begun"], said["digits"]
        left_s, characters, came = said["left_s"], said["characters"], said["bytes"]
        heard = Heard(str(said["heard"]))
    except (KeyError, ValueError):
        return None
    if not reply.done or not all(isinstance(value, bool) for value in (under_way, begun, digits)):
        return None
    if not isinstance(left_s, int) or not isinstance(characters, int) or not isinstance(came, int):
        return None
    return ReaderTested(bool(under_way), bool(begun), left_s, heard, characters, bool(digits), came)
