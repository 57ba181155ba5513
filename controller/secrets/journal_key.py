"""The key with which a service signs the heads of its own journal, and of no other.

Here: what the key of a branch's service is called. Never here: when a head is signed, where it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from controller.core.event import Stamp
from controller.core.journal_head import JournalHead
from controller.secrets.credentials import Secret
from controller.secrets.signed_note import SignerKey, VerifierKey


def key_name(authority: str, branch: str, service: str) -> str:
    return f"{authority}/{branch}/{service}"


@dataclass(frozen=True, slots=True)
class JournalKey:
    _key: SignerKey

    @classmethod
    def generate(cls, authority: str, branch: str, service: str) -> Self:
        return cls(SignerKey.generate(key_name(authority, branch, service)))

    @classmethod
    def of(cls, secret: Secret, called: str) -> Self:
        """From what ``secret`` makes. called: the name of the secret. Raises SecretMissing."""
        return cls(SignerKey.of(secret, called))

    @property
    def public(self) -> VerifierKey:
        return self._key.public

    def secret(self) -> Secret:
        return self._key.secret()

    def note(self, journal_id: str, seq: int, head: bytes, now: Stamp) -> str:
        """The signed head of the journal after ``seq`` events."""
        said = JournalHead(self.public.name, journal_id, seq, head, now.wall_us, now.clock_trusted)
        return self._key.sign(said.text)
