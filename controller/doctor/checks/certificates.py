"""Certificates that this branch uses: are they there, and until when are they good?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from controller.core.certificates import days_left, is_expiring
from controller.core.states.certificates import CertificatesState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok
from controller.secrets.certificate import NoCertificate, valid_until_us
from controller.settings.model import Settings

PART = "certificates"
RENEW = "put a new one in its place, then restart the service that uses it"
BROKER = "broker"
"""Whose certificate is in no file here: the uplink tells of it when the broker shows it."""


def look(context: Context) -> Iterator[Finding]:
    named = dict(files(context.settings))
    for key, file in named.items():
        yield _of_file(context, key, file)
    shown = context.journals["uplink"].one(CertificatesState).until_us.get(BROKER)
    if shown is not None:
        yield _judged(context, "the broker's own", shown, "whoever keeps the broker is to renew it")
    elif not named:
        yield ok(PART, "none is named in the settings")


def files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """By the key that names it."""
    if settings.mqtt.enabled and settings.mqtt.ca_file is not None:
        yield "mqtt.ca_file", settings.mqtt.ca_file
    if settings.mqtt.enabled and settings.mqtt.certificate is not None:
        yield "mqtt.certificate", settings.mqtt.certificate
    if settings.lms is not None and settings.lms.sip2 is not None and settings.lms.sip2.ca_file is not None:
        yield "lms.sip2.ca_file", settings.lms.sip2.ca_file
    if settings.lms is not None and settings.lms.koha is not None and settings.lms.koha.ca_file is not None:
        yield "lms.koha.ca_file", settings.lms.koha.ca_file


def _of_file(context: Context, key: str, file: Path) -> Finding:
    try:
        until_us = valid_until_us(file)
    except NoCertificate as error:
        return fault(PART, f"{key}: {error}", "put the certificate there, as PEM, or correct the key")
    return _judged(context, f"{key}: {file}", until_us, RENEW)


def _judged(context: Context, what: str, until_us: int, remedy: str) -> Finding:
    day = datetime.fromtimestamp(until_us / 1_000_000, UTC).date()
    now_us = context.now.wall_us
    if until_us < now_us:
        return fault(PART, f"{what} has expired on {day}", remedy)
    if is_expiring(until_us, now_us):
        return hint(PART, f"{what} expires on {day}, in {days_left(until_us, now_us)} days", remedy)
    return ok(PART, f"{what} is good until {day}")
