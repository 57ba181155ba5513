"""The broker: the ``[mqtt]`` table."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from controller.settings.section import Section, is_loopback


class Mqtt(Section):
    enabled: bool = True
    host: str = Field(default="localhost", min_length=1)
    port: int = Field(default=1883, ge=1, le=65_535)
    protocol: Literal["5", "3.1.1"] = "5"
    tls: bool | None = None
    ca_file: Path | None = None
    certificate: Path | None = None
    username: str = ""
    receiver: bool = False

    @property
    def uses_tls(self) -> bool:
        """On unless switched off, and then only towards this machine itself."""
        return not is_loopback(self.host) if self.tls is None else self.tls

    @model_validator(mode="after")
    def _tls_off_only_here(self) -> Self:
        if self.tls is False and not is_loopback(self.host):
            raise ValueError(
                f"tls = false is allowed for a broker on this machine only, not for {self.host}; remove it"
            )
        return self

    @model_validator(mode="after")
    def _a_certificate_needs_tls(self) -> Self:
        if self.certificate is not None and not self.uses_tls:
            raise ValueError(
                f"certificate counts with TLS only, off towards {self.host}: set tls = true, or remove it"
            )
        return self
