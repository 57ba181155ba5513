"""``journal.verified``: that journals were verified, and with what result, in the console's journal.

Whoever may read journals may verify them, and not everybody may write: a run that cannot be recorded counts
all the same, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from controller.core.event import JsonValue
    from controller.settings.model import Settings
    from controller.store.verification import Verification


def record(settings: Settings, results: Mapping[str, Verification], heads: int) -> None:
    """results: by service. heads: how many of a witness there were to compare with."""
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import CONTROLLER, EventType
    from controller.staff.account import account
    from controller.store.journal import JournalUnavailable

    data: dict[str, JsonValue] = {
        "journals": {
            service: {
                "verdict": found.verdict.value,
                "at": found.at_seq,
                "last": found.last_seq,
                "witnessed": found.witnessed_seq,
                "doubts": len(found.cannot_exclude),
            }
            for service, found in results.items()
        },
        "heads": heads,
        **account().data,
    }
    try:
        with staff_journal(settings) as journal:
            journal.record(EventType.JOURNAL_VERIFIED, CONTROLLER, data)
    except JournalUnavailable as error:
        click.echo(f"not recorded in the console's journal: {error}", err=True)
