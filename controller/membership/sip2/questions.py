"""What the client says in SIP2, and what the system says of itself. Pure.

Here: the messages that we send, built from their parts, and the small answers. Never here: bytes
(``codec``), or what an answer about a patron means (``reading``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.sip2.codec import BadSip2, Fields, Message
from controller.secrets.credentials import Secret

RESEND = Message("97")


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are to the system. password: of ``username``, which is empty where there is no login.

    location, institution: what the system expects in CP and AO. terminal_password: in AC; None: none.
    """

    username: str = ""
    password: Secret | None = None
    location: str = ""
    institution: str = ""
    terminal_password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How a system wants to be asked about a patron. language: three digits. summary: ten characters, which
    list of what the patron has borrowed is wanted; blank: none. end_session: a 35 follows.
    """

    message: Literal["23", "63"] = "63"
    language: str = "001"
    summary: str = " " * 10
    end_session: bool = False


@dataclass(frozen=True, slots=True)
class SystemStatus:
    """What of a 98 is of use here."""

    online: bool
    version: str


def login(account: Account) -> Message:
    """93, with nothing encrypted by the protocol's own algorithms, of which there are none."""
    password = account.password.reveal() if account.password else ""
    fields = [("CN", account.username), ("CO", password)]
    if account.location:
        fields.append(("CP", account.location))
    return Message("93", "00", Fields(fields))


def system_status() -> Message:
    """99: we are well, have a printer of 80 columns, and speak version 2.00."""
    return Message("99", "0080" + "2.00")


def about_patron(account: Account, manner: Manner, card: CardNumber, pin: Pin | None, today: date) -> Message:
    """A 23 or 63. Without a PIN there is no AD in it: some systems say that an empty one is right."""
    secret = [] if pin is None else [("AD", pin.reveal())]
    if manner.message == "23":
        # The standard wants AC in a 23, if only an empty one.
        terminal = [] if account.terminal_password else [("AC", "")]
        return Message("23", manner.language + _day(today), _patron(account, card, terminal + secret))
    return Message("63", manner.language + _day(today) + manner.summary, _patron(account, card, secret))


def with_empty_pin(question: Message) -> Message:
    """The same with an empty AD, to find out whether a system says that this is right. Never at the door."""
    return Message(question.code, question.fixed, Fields([*question.fields, ("AD", "")]))


def end_session(account: Account, card: CardNumber, today: date) -> Message:
    """35."""
    return Message("35", _day(today), _patron(account, card))


def _patron(account: Account, card: CardNumber, more: Sequence[tuple[str, str]] = ()) -> Fields:
    fields = [("AO", account.institution), ("AA", card.reveal())]
    if account.terminal_password:
        fields.append(("AC", account.terminal_password.reveal()))
    return Fields([*fields, *more])


def _day(today: date) -> str:
    """The standard's date: no zone means local time. Nothing depends on the time of day."""
    return f"{today:%Y%m%d}    000000"


def status_answer(message: Message) -> SystemStatus:
    """Raises BadSip2 if it is no 98."""
    if message.code != "98":
        raise BadSip2(f"a {message.code} is no answer about the system")
    return SystemStatus(online=message.fixed[0] == "Y", version=message.fixed[30:34])


def lets_in(message: Message) -> bool:
    """Whether a 94 accepts our login."""
    return message.fixed == "1"
