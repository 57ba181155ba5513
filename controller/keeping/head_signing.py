"""How a service comes to sign the heads of its journal: its key, and what happens where it has none.

Never here: when a head is signed (``store.signed_heads``).
"""

from __future__ import annotations

import logging

from controller.devices import Clock
from controller.secrets import credentials
from controller.secrets.credentials import SecretMissing
from controller.secrets.journal_key import JournalKey
from controller.service import stamp_unjudged
from controller.store.signed_heads import Signing

log = logging.getLogger(__name__)


def head_signing(service: str, clock: Clock) -> Signing | None:
    """None where this service was handed no key: a branch is no worse off for it than it was before."""
    name = credentials.journal_key(service)
    try:
        key = JournalKey.of(credentials.read(name), name)
    except SecretMissing as error:
        log.warning("the heads of the journal are not signed: %s", error)
        return None
    return Signing(key, lambda: stamp_unjudged(clock, trusted=False))
