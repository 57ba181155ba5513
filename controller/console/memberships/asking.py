"""Asks the membership service, which alone may read memberships: for counts, and to take in a file.

Never here: what a file holds, or how anything is shown.
"""

from __future__ import annotations

from controller.ipc.client import NoAnswer, WrongServer, ask
from controller.ipc.membership_commands import (
    Command,
    Counted,
    Importing,
    Order,
    ask_to_import,
    counted_of,
    importing_of,
    server_uids,
)
from controller.ipc.messages import Reply, Request
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.account import Account
from controller.staff.refusal import Refused

COUNT_S = 12.0
"""A million memberships on a slow card."""


class Unanswered(Refused):
    """The membership service does not answer, or not in a way that is understood."""


class UnderWay(Refused):
    """Another file is being imported."""


def count(settings: Settings) -> Counted:
    """Raises Unanswered."""
    counted = counted_of(_asked(settings, Request(Command.COUNT.value), deadline_s=COUNT_S))
    if counted is None:
        raise Unanswered("the membership service could not count them; try again in a minute")
    return counted


def importing(settings: Settings) -> Importing:
    """How far the last import is. Raises Unanswered."""
    return _importing(_asked(settings, Request(Command.IMPORT_STATUS.value)))


def hand_over(settings: Settings, order: Order, file: int, who: Account) -> Importing:
    """The import has begun. file: a sealed descriptor of memory. Raises Unanswered, UnderWay."""
    reply = _asked(settings, ask_to_import(order, who.user), file=file)
    if reply.reason == "under_way":
        raise UnderWay("another file is being imported; hand yours over when that is done")
    return _importing(reply)


def _importing(reply: Reply) -> Importing:
    found = importing_of(reply)
    if found is None:
        raise Unanswered(f"the membership service did not do it: {reply.reason.replace('_', ' ')}")
    return found


def _asked(
    settings: Settings, request: Request, *, deadline_s: float = 5.0, file: int | None = None
) -> Reply:
    path = Paths.of(settings).socket("membership")
    try:
        return ask(path, request, server_uids=server_uids(), deadline_s=deadline_s, file=file)
    except NoAnswer as error:
        raise Unanswered(f"the membership service does not answer; is it running? {error}") from error
    except WrongServer as error:
        raise Unanswered(str(error)) from error
