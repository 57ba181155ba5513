"""The head of a journal as a text to be signed: how far the journal went, and all that it said until then.

Whoever keeps one elsewhere can tell later whether the journal still has this past (``chain``). The text:

    authority/branch/service/journal id
    the number of the last event
    the head there, in base 64
    when it was signed (RFC 3339, UTC), and `` untrusted`` where the clock could not be believed

The first part of the first line is the name of the key that signs it. Never here: signing.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from controller.core.chain import DIGEST_BYTES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TEXT = re.compile(
    rf"(?P<key_name>[^\n+ ]+)/(?P<journal>{_UUID})\n(?P<seq>[1-9][0-9]{{0,18}})\n(?P<head>[^\n]+)\n"
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})Z(?P<untrusted> untrusted)?\n"
)


class NotAHead(ValueError):
    """The text is not the head of a journal."""


@dataclass(frozen=True, slots=True)
class JournalHead:
    """key_name: ``authority/branch/service``. seq: of the last event. head: ``chain.head`` there.

    wall_us: when it was signed, microseconds since 1970 UTC, on whatever clock the branch had.
    """

    key_name: str
    journal_id: str
    seq: int
    head: bytes
    wall_us: int
    clock_trusted: bool

    @property
    def text(self) -> str:
        signed = _EPOCH + timedelta(microseconds=self.wall_us)
        return (
            f"{self.key_name}/{self.journal_id}\n{self.seq}\n{base64.b64encode(self.head).decode()}\n"
            f"{signed:%Y-%m-%dT%H:%M:%S.%f}Z{'' if self.clock_trusted else ' untrusted'}\n"
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """text: exactly as ``text`` writes it. Raises NotAHead."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise NotAHead("it is not the head of a journal: origin, number, head and time, a line each")
        try:
            signed = datetime.strptime(found["time"], "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC)
            head = cls(
                found["key_name"],
                found["journal"],
                int(found["seq"]),
                base64.b64decode(found["head"], validate=True),
                (signed - _EPOCH) // timedelta(microseconds=1),
                found["untrusted"] is None,
            )
        except (ValueError, binascii.Error):
            raise NotAHead("the time or the head in it cannot be read") from None
        if len(head.head) != DIGEST_BYTES or head.text != text:
            raise NotAHead("the time or the head in it cannot be read")
        return head
