"""The library management system that is asked live: the ``[lms]`` table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from controller.settings.section import Section, is_loopback

FIELD = r"^[A-Z][A-Z0-9]$"
FieldCode = Annotated[str, StringConstraints(pattern=FIELD)]
"""Two characters before a field's value in SIP2, such as PA."""
Printable = Annotated[str, StringConstraints(pattern=r"^[^|\x00-\x1f\x7f]{0,60}$")]
"""A text that can stand in a SIP2 field."""
HTTPS = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")
HTTP_HERE = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")

DateFormat = Literal["YYYYMMDD", "YYYYMMDD HHMMSS", "YYYY-MM-DD", "MM/DD/YYYY", "DD/MM/YYYY"]
"""How a system writes days. The second is the standard's own, with four characters for the zone between."""
DialectName = Literal["koha", "evergreen", "sierra", "symphony", "polaris", "spydus", "alma", "tlc"]


class Sip2Fields(Section):
    """Where a system that was set up differently has what its dialect has elsewhere. Unset: the dialect's."""

    expiry: FieldCode | None = None
    birth_date: FieldCode | None = None
    category: FieldCode | None = None
    date_formats: tuple[DateFormat, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _one_order_of_day_and_month(self) -> Self:
        if {"MM/DD/YYYY", "DD/MM/YYYY"} <= set(self.date_formats or ()):
            raise ValueError("date_formats cannot have both MM/DD/YYYY and DD/MM/YYYY; see which one is sent")
        return self


class Sip2(Section):
    """password: of ``username``; it is the secret lms-password."""

    dialect: DialectName
    host: str = Field(min_length=1)
    port: int = Field(default=6001, ge=1, le=65_535)
    tls: bool | None = None
    ca_file: Path | None = None
    username: Printable = ""
    institution: Printable = ""
    location: Printable = ""
    terminal_password: bool = False
    encoding: Literal["utf-8", "cp850", "latin-1"] = "utf-8"
    terminator: Literal["cr", "crlf", "lf"] = "cr"
    checksum: bool = True
    keep_alive_s: int = Field(default=30, ge=0, le=600)
    refusing_flags: tuple[Annotated[int, Field(ge=0, le=13)], ...] | None = None
    fields: Sip2Fields = Sip2Fields()

    @property
    def uses_tls(self) -> bool:
        """On unless switched off, except towards this machine itself, where a tunnel may begin."""
        return not is_loopback(self.host) if self.tls is None else self.tls


class Koha(Section):
    """Koha's REST API. client_id: of an API key; its secret is the secret lms-client-secret."""

    url: str
    client_id: str = Field(min_length=1, max_length=100)
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _not_in_the_clear(self) -> Self:
        if not HTTPS.fullmatch(self.url) and not HTTP_HERE.fullmatch(self.url):
            raise ValueError(
                "url must begin with https://, without a user in it, such as https://library.example"
            )
        return self


class Entitlement(Section):
    """How a live answer tells who is entitled to unstaffed hours."""

    by: Literal["memberships", "category", "field"] = "memberships"
    categories: tuple[str, ...] = ()
    field: str = Field(default="", max_length=40)
    values: tuple[str, ...] = ("Y",)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.by == "category") != bool(self.categories):
            raise ValueError('by = "category" and categories go together; set both, or neither')
        if (self.by == "field") != bool(self.field):
            raise ValueError('by = "field" and field go together; set both, or neither')
        return self


class Lms(Section):
    """timeout_s: how long an answer may take in all; the door waits for membership.live_lookup_ms only."""

    timeout_s: float = Field(default=5.0, ge=0.5, le=30)
    of_age_years: int = Field(default=16, ge=1, le=99)
    sip2: Sip2 | None = None
    koha: Koha | None = None
    entitlement: Entitlement = Entitlement()

    @model_validator(mode="after")
    def _one_system(self) -> Self:
        if (self.sip2 is None) == (self.koha is None):
            raise ValueError("it needs one system to ask; add either [lms.sip2] or [lms.koha]")
        return self

    @model_validator(mode="after")
    def _a_field_of_sip2(self) -> Self:
        entitlement = self.entitlement
        if self.sip2 and entitlement.by == "field" and not re.fullmatch(FIELD, entitlement.field):
            raise ValueError("entitlement.field must be a code of SIP2, two capitals or digits such as ZO")
        return self
