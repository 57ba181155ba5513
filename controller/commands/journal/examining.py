"""Examining journals with all that is at hand: heads and keys, the policy, the registers. With its progress.

Never here: what is said of what was found (``findings``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from controller.commands.journal import evidence
from controller.commands.progress import progress

if TYPE_CHECKING:
    from controller.core.journal_head import JournalHead
    from controller.core.proof import Known
    from controller.secrets.signed_note import VerifierKey
    from controller.settings.model import Settings
    from controller.store.verification import Heads, Verification


@dataclass(frozen=True, slots=True)
class Given:
    """What is compared with."""

    keys: Sequence[VerifierKey]
    witnessed: Sequence[JournalHead]
    policy_files: tuple[Path, ...] = ()
    registers_file: Path | None = None
    branches: frozenset[str] = frozenset()
    """Under which names its journals are signed; empty for a file by itself."""

    def heads(self, service: str) -> Heads:
        """For the journal of this service at the branch; empty for a file by itself."""
        from controller.store.verification import Heads

        return Heads(self.witnessed, self._own_head, service, self.branches)

    def _own_head(self, note: str) -> tuple[JournalHead, bool]:
        from controller.secrets.signed_note import BadSignature, Note
        from controller.store.verification import unchecked

        try:
            head = evidence.signed_head(Note.parse(note.encode()), self.keys)
        except BadSignature as error:
            raise ValueError(str(error)) from error
        return unchecked(note) if head is None else (head, True)

    def known(self, settings: Settings | None, closing: ExitStack) -> Known:
        from controller.core.proof import Known
        from controller.settings.paths import Paths

        if settings is None:
            registers = evidence.read_registers(self.registers_file) if self.registers_file else None
            return Known(evidence.read_policies(self.policy_files), registers)
        profile = settings.policy.profile
        rules = evidence.read_policies(
            self.policy_files or ((profile,) if profile else ()),
            ZoneInfo(settings.branch.timezone),
            settings.footage.retention_days,
        )
        paths = Paths.of(settings)
        registers = evidence.read_registers(self.registers_file or paths.registers)
        return Known(rules, registers, evidence.present_at(paths, closing))


def journals(settings: Settings | None, file: Path | None) -> Iterator[tuple[str, Path]]:
    """Each with its name."""
    from controller.settings.paths import JOURNALS, Paths

    if file is not None:
        yield str(file), file
    elif settings is not None:
        for service in JOURNALS:
            yield service, Paths.of(settings).journal(service)


def examined(name: str, path: Path, heads: Heads, known: Known) -> Verification | str | None:
    """What was found; why it cannot be read; None if there is no journal yet, and no head of one."""
    from controller.store import verify as checking
    from controller.store.engine import DatabaseMissing, DatabaseUnusable

    try:
        with _bar(name) as told:
            return checking.verify(path, told, heads=heads, known=known)
    except DatabaseMissing:
        return heads.missing()
    except DatabaseUnusable as error:
        return str(error)


@contextmanager
def _bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """Takes how many are checked, of how many."""
    with progress() as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
