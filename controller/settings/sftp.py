"""A folder on an SFTP server, as several tables name one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from controller.settings.section import Section

HOST_KEY = r"^(ssh-ed25519|ecdsa-sha2-nistp\d{3}|ssh-rsa) [A-Za-z0-9+/=]+$"


class Sftp(Section):
    """The private key is a secret of the table's. host_key: the server's, as in known_hosts."""

    host: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]*$")
    port: int = Field(default=22, ge=1, le=65_535)
    username: str = Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$")
    folder: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/][A-Za-z0-9._/ +=@-]{0,200}$")] = "."
    host_key: str = Field(pattern=HOST_KEY)
