"""What to look at when the library management system does not answer, in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.membership.lms.source import Trouble
    from controller.settings.lms import Lms


def remedy(lms: Lms, trouble: Trouble) -> str:
    """It names settings where those that say where the system is can be wrong, and where to read on."""
    from controller.membership.lms.source import Trouble

    read_on = f'docs/lms.md ("When it goes wrong") says what to do about "{trouble.value}"'
    if trouble not in (Trouble.UNREACHABLE, Trouble.UNTRUSTED, Trouble.TIMED_OUT):
        return read_on
    keys = "lms.koha.url" if lms.sip2 is None else "lms.sip2.host, lms.sip2.port and lms.sip2.tls"
    return f"look at {keys}; {read_on}"
