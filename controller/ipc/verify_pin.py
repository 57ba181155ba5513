"""Is this the card's PIN? What the door asks the membership service, and what it is told.

The request carries the card number and the PIN themselves, since a library management system is asked with
both; on this machine they are in memory alone. Whatever is not a plain answer reads as ``UNAVAILABLE``.
"""

from __future__ import annotations

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.pin import NotAPin, Pin
from controller.ipc.messages import BadMessage, Reply, Request

COMMAND = "verify-pin"
CARD_LIMIT = 64
PIN_LIMIT = 32


def ask_for(card: CardNumber, pin: Pin) -> Request:
    return Request(COMMAND, {"card": card.reveal(), "pin": pin.reveal()})


def understand(request: Request) -> tuple[CardNumber, Pin]:
    """Raises BadMessage, which repeats nothing."""
    card, pin = request.arguments.get("card"), request.arguments.get("pin")
    if request.arguments.keys() != {"card", "pin"} or not isinstance(card, str) or not isinstance(pin, str):
        raise BadMessage("it takes a card number and a PIN, both as text")
    if not 0 < len(card) <= CARD_LIMIT or not card.isascii() or not card.isalnum() or len(pin) > PIN_LIMIT:
        raise BadMessage("the card number or the PIN is none")
    try:
        return CardNumber(card), Pin(pin)
    except NotAPin as error:
        raise BadMessage(str(error)) from None


def answer(result: PinResult) -> Reply:
    return Reply(done=result is not PinResult.UNAVAILABLE, data={"pin": result.value})


def result_of(reply: Reply) -> PinResult:
    """CORRECT only if that is what the reply plainly says."""
    if reply.done and reply.data == {"pin": PinResult.CORRECT.value}:
        return PinResult.CORRECT
    if reply.done and reply.data == {"pin": PinResult.WRONG.value}:
        return PinResult.WRONG
    return PinResult.UNAVAILABLE
