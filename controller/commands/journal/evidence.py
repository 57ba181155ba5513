"""What journals are compared with, from files: heads that a witness kept, keys, policies and registers.

A file that cannot be used ends the command: what is wrong with the evidence says nothing of a journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from controller.core.journal_head import JournalHead
    from controller.core.protection import Protection
    from controller.keeping.edge_rules import EdgeRule
    from controller.secrets.signed_note import Note, VerifierKey
    from controller.settings.model import Settings
    from controller.settings.paths import Paths

Rules = dict[tuple[str, str], Callable[[int], int]]
UK = ZoneInfo("Europe/London")
"""Of the profiles, where no settings name another."""


class EvidenceUnusable(click.ClickException):
    """A line that names file, line and remedy; exit code 2."""

    exit_code = 2


def read_keys(files: Iterable[Path]) -> list[VerifierKey]:
    """The keys in files that have one a line, as ``unlocked journal keys`` prints them."""
    from controller.secrets.signed_note import BadKey, VerifierKey

    found = []
    for file in files:
        for number, line in enumerate(_text(file).splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            try:
                found.append(VerifierKey.parse(line.strip()))
            except BadKey as error:
                raise EvidenceUnusable(
                    f"{file}, line {number}: {error}; it is a line that `unlocked journal keys` prints"
                ) from None
    return found


def read_heads(files: Sequence[Path], keys: Sequence[VerifierKey]) -> list[JournalHead]:
    """The signed heads in files that have one after the other, as ``mosquitto_sub`` writes them.

    Heads of other keys, and a last one that is not whole yet, are told on standard error and left out. Files
    without any head are no evidence.
    """
    from controller.secrets.signed_note import split

    found, strangers = [], 0
    for file in files:
        pieces = list(split(_bytes(file).splitlines(keepends=True)))
        for line, piece in pieces:
            head = _head(f"{file}, line {line}", piece, keys, is_last=piece is pieces[-1][1])
            if head is not None:
                found.append(head)
            else:
                strangers += 1
    if strangers:
        click.echo(
            f"signed heads left out, as not whole or of keys that are not given: {strangers}", err=True
        )
    if files and not found:
        raise EvidenceUnusable(
            f"{', '.join(map(str, files))}: there is no signed head of these keys; give what mosquitto_sub "
            "has written, and with --keys what `unlocked journal keys` printed at the branch"
        )
    return found


def _head(where: str, piece: bytes, keys: Sequence[VerifierKey], *, is_last: bool) -> JournalHead | None:
    from controller.core.journal_head import NotAHead
    from controller.secrets.signed_note import BadSignature, NotANote, Note

    try:
        note = Note.parse(piece)
    except NotANote as error:
        if is_last:
            return None
        raise EvidenceUnusable(
            f"{where}: {error}; a file of heads has signed notes one after the other, as mosquitto_sub "
            "without -v writes them"
        ) from None
    try:
        return signed_head(note, keys)
    except (BadSignature, NotAHead) as error:
        raise EvidenceUnusable(
            f"{where}: {error}; this head was changed or forged: keep the file as it is, and find out how"
        ) from None


def signed_head(note: Note, keys: Sequence[VerifierKey]) -> JournalHead | None:
    """What the note says, if the key that it names has signed it; None if that is not among the keys.

    Raises BadSignature and NotAHead.
    """
    from controller.core.journal_head import JournalHead, NotAHead

    signers = note.signers(keys)
    if not signers:
        return None
    head = JournalHead.parse(note.text)
    if head.key_name not in {key.name for key in signers}:
        raise NotAHead(f"{signers[0].name} signed for {head.key_name}")
    return head


def read_policies(files: Iterable[Path], zone: ZoneInfo = UK, days: int = 14) -> Rules:
    """From when an event is due by each of these profiles, and where there was none. days: of footage."""
    from controller.core.hold import Category
    from controller.core.retention.due import Conventions
    from controller.keeping.edge_rules import ACCESS_LOG_RULE, EdgeRule
    from controller.keeping.opening import rule_of
    from controller.settings.policy.load import PolicyUnusable, load_profile

    rules: list[EdgeRule] = [EdgeRule(Category.ACCESS_EVENTS, ACCESS_LOG_RULE, Conventions(zone, None))]
    for file in files:
        try:
            profile = load_profile(file)
        except PolicyUnusable as error:
            raise EvidenceUnusable(str(error)) from error
        rules += [rule_of(profile, category, zone, days) for category in Category]
    return {(rule.policy, rule.category.value): rule.due_us for rule in rules}


def read_registers(file: Path) -> list[Protection]:
    """All holds and restrictions there ever were."""
    from controller.store.engine import DatabaseUnusable
    from controller.store.registers import RegistersReader

    reader = RegistersReader(file)
    try:
        return reader.protections()
    except DatabaseUnusable as error:
        raise EvidenceUnusable(f"{error}; restore the registers, or give a copy with --registers") from error
    finally:
        reader.close()


def present_at(paths: Paths, closing: ExitStack) -> Callable[[str], bool]:
    """Whether any journal of the branch has an event of this id."""
    from controller.settings.paths import JOURNALS
    from controller.store.journal_reader import JournalMissing, JournalReader

    readers = [JournalReader(paths.journal(service)) for service in JOURNALS]
    for reader in readers:
        closing.callback(reader.close)

    def present(event_id: str) -> bool:
        for reader in readers:
            with suppress(JournalMissing):
                if reader.find(event_id) is not None:
                    return True
        return False

    return present


def own_keys(settings: Settings) -> list[VerifierKey]:
    """Those that the branch itself has, as far as whoever runs this may read them."""
    from controller.commands.journal.keys import public_keys

    return [key for key in public_keys(settings).values() if not isinstance(key, str)]


def branches(settings: Settings, keys: Sequence[VerifierKey]) -> frozenset[str]:
    """``authority/branch`` as the keys of its journals are named: as they were when each was made.

    keys: its own, where they can be read; heads of other branches are no heads of these journals.
    """
    branch = settings.branch
    return frozenset((f"{branch.authority}/{branch.branch}", *(key.name.rpartition("/")[0] for key in keys)))


def _text(file: Path) -> str:
    try:
        return _bytes(file).decode()
    except UnicodeDecodeError:
        raise EvidenceUnusable(f"{file}: it is not text") from None


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise EvidenceUnusable(f"{file}: {error.strerror}") from error
