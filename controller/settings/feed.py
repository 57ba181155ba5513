"""Files of memberships that the library management system puts somewhere by itself: the ``[feed]`` table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from controller.settings.section import Section
from controller.settings.sftp import Sftp

SIGNER = r"^RW[Q-T][A-Za-z0-9+/]{53}$"


class Feed(Section):
    """public_key: minisign's, of whoever signs the files; unset: unsigned files are taken.

    The private key of ``sftp`` is the secret feed-ssh-key.
    """

    folder: Path | None = None
    sftp: Sftp | None = None
    public_key: Annotated[str, StringConstraints(pattern=SIGNER)] | None = None
    interval_min: int = Field(default=15, ge=1, le=1440)

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if (self.folder is None) == (self.sftp is None):
            raise ValueError("it needs one place to look in; set folder, or add [feed.sftp]")
        return self
