"""Copies that leave the branch: the ``[backup]`` table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from controller.settings.section import Section, from_the_root
from controller.settings.sftp import Sftp

RECIPIENT = r"^age1[a-z0-9]{58}$"
MEDIUM = r"^(LABEL|UUID)=[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Recipient = Annotated[str, StringConstraints(pattern=RECIPIENT)]


class Backup(Section):
    """recipients: age's public keys of whoever may open a backup; the private ones are not at the branch.

    medium: what has to be mounted at ``folder``, such as LABEL=BACKUP; unset: the folder is any. The private
    key of ``sftp`` is the secret backup-ssh-key. late_after_h: when a backup that did not come is told.
    """

    recipients: tuple[Recipient, ...] = Field(min_length=1, max_length=8)
    keep_days: int = Field(default=14, ge=1, le=90)
    folder: Annotated[Path, AfterValidator(from_the_root)] | None = None
    medium: Annotated[str, StringConstraints(pattern=MEDIUM)] | None = None
    sftp: Sftp | None = None
    late_after_h: int = Field(default=50, ge=1, le=24 * 90)

    @model_validator(mode="after")
    def _to_somewhere(self) -> Self:
        if self.folder is None and self.sftp is None:
            raise ValueError("it needs a place to go to; set folder, or add [backup.sftp], or both")
        if self.medium is not None and self.folder is None:
            raise ValueError("medium is what is mounted at folder; set folder, or remove it")
        return self
