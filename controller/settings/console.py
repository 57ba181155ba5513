"""The table ``[console]``: where the staff pages are served, and what they offer.

Never here: accounts of staff, which are in the console's own database (``unlocked staff``).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from controller.settings.section import Section

HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def _loopback(value: str) -> str:
    try:
        if ipaddress.ip_address(value).is_loopback:
            return value
    except ValueError:
        pass
    raise ValueError("the console listens on this machine alone, as 127.0.0.1; put Caddy or nginx in front")


def _host(value: str) -> str:
    if not HOST.fullmatch(value):
        raise ValueError(f'"{value}" is no host name, such as console.example.org')
    return value


def _https(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.hostname and not (parts.query or parts.fragment or parts.username):
        return value.rstrip("/")
    raise ValueError("write the issuer's address, such as https://login.example.org/realms/staff")


class Contact(Section):
    """Whom to call. when: such as "staffed hours"; empty: always."""

    who: str = Field(min_length=1, max_length=80)
    phone: str = Field(min_length=3, max_length=40)
    when: str = Field(default="", max_length=80)


class StatisticsSettings(Section):
    """What of a count may be told: nothing below the one, and multiples of the other. Never less strict."""

    suppressed_below: int = Field(default=10, ge=10, le=1000)
    rounded_to: int = Field(default=5, ge=5, le=1000)

    @model_validator(mode="after")
    def _no_count_becomes_nought(self) -> Self:
        if self.rounded_to > self.suppressed_below:
            raise ValueError(
                f"rounded_to is above suppressed_below, {self.suppressed_below}; set suppressed_below as high"
            )
        return self


class OpenId(Section):
    """The authority's own accounts. name_claim: what of an identity is the name of an account here."""

    issuer: Annotated[str, AfterValidator(_https)]
    client_id: str = Field(min_length=1, max_length=200)
    name_claim: str = Field(default="preferred_username", pattern=r"^[A-Za-z0-9_.:/-]{1,80}$")
    label: str = Field(default="the authority's account", min_length=1, max_length=60)


class Sso(Section):
    """second_factor: True: nobody does a thing before they have one. Needs the extra [sso] installed."""

    second_factor: bool = False
    openid: OpenId | None = None


class ConsoleSettings(Section):
    """pages: False where there is the command line only. port: 0 for any free one, which the log tells.

    hosts: the names under which staff reach it; its loopback address always is one of them.
    """

    pages: bool = True
    address: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = Field(default=(), max_length=8)
    remote_unlock: bool = False
    idle_minutes: int = Field(default=30, ge=5, le=720)
    contacts: tuple[Contact, ...] = Field(default=(), max_length=10)
    statistics: StatisticsSettings = StatisticsSettings()
    sso: Sso | None = None
