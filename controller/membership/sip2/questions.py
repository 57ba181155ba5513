"""What the client says in SIP2, and what the system says of itself. Pure.

Here: the messages that we send, built from their parts, and the small answers. Never here: bytes
(``codec``), or what an answer about a patron means (``reading``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.sip2.codec import BadSip2, Fields, Message

RESEND = Message("97")


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """A 98. timeout_s, retries: what the system advises; None where it is no number."""

    online: bool
    timeout_s: float | None
    retries: int | None
    version: str
    supported: str | None
    """A Y or N for each message, in the order of the standard's field BX."""


def login(username: str, password: str, location: str) -> Message:
    """93, with nothing encrypted by the protocol's own algorithms, of which there are none."""
    fields = [("CN", username), ("CO", password), *([("CP", location)] if location else [])]
    return Message("93", "00", Fields(fields))


def system_status() -> Message:
    """99: we are well, have a printer of 80 columns, and speak version 2.00."""
    return Message("99", "0080" + "2.00")


def patron_status(
    card: CardNumber, pin: Pin | None, today: date, institution: str, terminal_password: str | None
) -> Message:
    """23. The standard wants AC in it, if only an empty one. Without a PIN there is no AD."""
    fields = _patron(card, institution, terminal_password or "", pin)
    return Message("23", f"001{_day(today)}", fields)


def patron_information(
    card: CardNumber, pin: Pin | None, today: date, institution: str, terminal_password: str | None
) -> Message:
    """63, without any list of what the patron has borrowed. Without a PIN there is no AD."""
    fields = _patron(card, institution, terminal_password, pin)
    return Message("63", f"001{_day(today)}{'':10}", fields)


def end_session(card: CardNumber, today: date, institution: str, terminal_password: str | None) -> Message:
    """35."""
    return Message("35", _day(today), _patron(card, institution, terminal_password, None))


def _patron(card: CardNumber, institution: str, terminal_password: str | None, pin: Pin | None) -> Fields:
    fields = [("AO", institution), ("AA", card.reveal())]
    if terminal_password is not None:
        fields.append(("AC", terminal_password))
    if pin is not None:
        # Some systems say that an empty one is right, hence never an empty AD.
        fields.append(("AD", pin.reveal()))
    return Fields(fields)


def _day(today: date) -> str:
    """The standard's date: no zone means local time. Nothing depends on the time of day."""
    return f"{today:%Y%m%d}    000000"


def status_answer(message: Message) -> SystemStatus:
    """Raises BadSip2 if it is no 98. Its time-out is in tenths of a second."""
    if message.code != "98":
        raise BadSip2(f"a {message.code} is no answer about the system")
    timeout, retries = message.fixed[6:9], message.fixed[9:12]
    return SystemStatus(
        online=message.fixed[0] == "Y",
        timeout_s=int(timeout) / 10 if timeout.isdecimal() else None,
        retries=int(retries) if retries.isdecimal() else None,
        version=message.fixed[30:34],
        supported=message.fields.one("BX"),
    )


def is_ok(message: Message) -> bool:
    """Whether a 94 lets us in, or a 36 ended the session."""
    return message.fixed[:1] in ("1", "Y")
