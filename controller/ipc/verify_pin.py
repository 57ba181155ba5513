"""Is this the card's PIN? What the door asks the membership service, and what it is told.

The request carries the card number and the PIN themselves, since a library management system is asked with
both; on this machine they are in memory alone. Where that system has answered, the reply also says what it
said of the card: with the right PIN it may have called the membership suspended. Whatever is not a plain
answer reads as ``UNAVAILABLE``.
"""

from __future__ import annotations

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.pin import NotAPin, Pin
from controller.ipc import look_up
from controller.ipc.look_up import LookedUp
from controller.ipc.messages import BadMessage, Reply, Request

COMMAND = "verify-pin"
PIN_LIMIT = 32


def ask_for(card: CardNumber, pin: Pin) -> Request:
    return Request(COMMAND, {"card": card.reveal(), "pin": pin.reveal()})


def understand(request: Request) -> tuple[CardNumber, Pin]:
    """Raises BadMessage, which repeats nothing."""
    pin = request.arguments.get("pin")
    if request.arguments.keys() != {"card", "pin"} or not isinstance(pin, str) or len(pin) > PIN_LIMIT:
        raise BadMessage("it takes a card number and a PIN, both as text")
    try:
        return look_up.card_in(request), Pin(pin)
    except NotAPin as error:
        raise BadMessage(str(error)) from None


def answer(result: PinResult, said: LookedUp | None = None) -> Reply:
    """said: what the library management system said of the card with it; None: nothing."""
    more = {} if said is None else look_up.written(said)
    return Reply(done=result is not PinResult.UNAVAILABLE, data={"pin": result.value, **more})


def result_of(reply: Reply) -> PinResult:
    """CORRECT only if that is what the reply plainly says."""
    if not reply.done or (reply.data.keys() != {"pin"} and said_of(reply) is None):
        return PinResult.UNAVAILABLE
    for result in (PinResult.CORRECT, PinResult.WRONG):
        if reply.data["pin"] == result.value:
            return result
    return PinResult.UNAVAILABLE


def said_of(reply: Reply) -> LookedUp | None:
    """What the library management system said of the card, as ``look_up`` has it; None: nothing plain."""
    return look_up.said_in(reply.data) if reply.data.keys() == {"pin", look_up.MEMBERSHIP} else None
