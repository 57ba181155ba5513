"""The notice as it was published: its facts and the hashes of its documents, in the console's folder.

The console's journal names the file by its hash, so that nobody can exchange it unseen. Never here: whether
what it says is still so (``core.notice``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from controller.core.chain import canonical
from controller.core.event import EventType
from controller.core.notice import Facts, NotFacts, from_json, to_json
from controller.disk import sync_folder
from controller.store.journal_reader import JournalMissing, JournalReader

AGAIN = "publish the notice again with `unlocked notice publish`"
FILE_MODE = 0o640


class NoticeUnreadable(Exception):
    """There is a published notice, and what it says cannot be known. The message has the remedy."""


@dataclass(frozen=True, slots=True)
class Published:
    """documents: SHA-256 of each, by name. policy_sha256: of the profile's file. wall_us: when."""

    facts: Facts
    documents: Mapping[str, str]
    policy_sha256: str
    wall_us: int

    @property
    def content(self) -> bytes:
        """Of the file."""
        return canonical(
            {
                "facts": to_json(self.facts),
                "documents": dict(self.documents),
                "policy": self.policy_sha256,
                "wall_us": self.wall_us,
            }
        )

    @property
    def sha256(self) -> str:
        """Of the file, in hexadecimal."""
        return sha256(self.content).hexdigest()


def read(file: Path, journalled: str | None) -> Published | None:
    """The notice that was published last; None if none ever was.

    journalled: SHA-256 of the file as the console's journal has it, see ``journalled``. Raises
    NoticeUnreadable, also where the file is gone or is another.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        if journalled is None:
            return None
        raise NoticeUnreadable(f"{file} is gone, though a notice was published; {AGAIN}") from None
    except OSError as error:
        raise NoticeUnreadable(f"{file} cannot be read: {error.strerror}") from error
    if journalled != sha256(content).hexdigest():
        raise NoticeUnreadable(f"{file} is not the notice that the journal says was published; {AGAIN}")
    try:
        return _parsed(json.loads(content))
    except (ValueError, NotFacts) as error:
        raise NoticeUnreadable(f"{file} is not a published notice: {error}; {AGAIN}") from error


def journalled(console: JournalReader) -> str | None:
    """SHA-256 of the file that was published last; None if none was. Raises DatabaseUnusable."""
    try:
        event = console.last(EventType.NOTICE_PUBLISHED)
    except JournalMissing:
        return None
    return None if event is None else str(event.data["notice"])


def stage(file: Path, published: Published) -> Path:
    """Write it beside its place, durably; ``os.replace`` it once it is journalled. Raises OSError."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(published.content)
        opened.flush()
        os.fchmod(opened.fileno(), FILE_MODE)
        os.fsync(opened.fileno())
    return new


def put_in_place(staged: Path, file: Path) -> None:
    """Raises OSError."""
    staged.replace(file)
    sync_folder(file.parent)


def _parsed(found: object) -> Published:
    match found:
        case {
            "facts": found_facts,
            "documents": dict() as documents,
            "policy": str() as policy,
            "wall_us": int(us),
        }:
            if all(isinstance(name, str) and isinstance(hash_, str) for name, hash_ in documents.items()):
                return Published(from_json(found_facts), documents, policy, us)
    raise NotFacts("a key is missing or of another type")
