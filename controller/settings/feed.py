"""Files of memberships that the library management system puts somewhere by itself: the ``[feed]`` table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from controller.settings.section import Section

HOST_KEY = r"^(ssh-ed25519|ecdsa-sha2-nistp\d{3}|ssh-rsa) [A-Za-z0-9+/=]+$"
SIGNER = r"^RW[Q-T][A-Za-z0-9+/]{53}$"


class Sftp(Section):
    """The private key is the secret feed-ssh-key. host_key: the server's, as in known_hosts."""

    host: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]*$")
    port: int = Field(default=22, ge=1, le=65_535)
    username: str = Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$")
    folder: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/][A-Za-z0-9._/ +=@-]{0,200}$")] = "."
    host_key: str = Field(pattern=HOST_KEY)


class Feed(Section):
    """public_key: minisign's, of whoever signs the files; unset: unsigned files are taken."""

    folder: Path | None = None
    sftp: Sftp | None = None
    public_key: Annotated[str, StringConstraints(pattern=SIGNER)] | None = None
    interval_min: int = Field(default=15, ge=1, le=1440)

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if (self.folder is None) == (self.sftp is None):
            raise ValueError("it needs one place to look in; set folder, or add [feed.sftp]")
        return self
