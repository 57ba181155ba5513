"""Certificates that this branch uses: are they there, and until when are they good?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.settings.model import Settings

PART = "certificates"
WARNED_DAYS = 30
RENEW = "put a new one in its place, then restart the service that uses it"


def look(context: Context) -> Iterator[Finding]:
    named = dict(files(context.settings))
    if not named:
        yield ok(PART, "none is named in the settings")
    now = datetime.fromtimestamp(context.now.wall_us / 1_000_000, UTC)
    for key, file in named.items():
        yield _one(key, file, now)


def files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """By the key that names it."""
    if settings.mqtt.enabled and settings.mqtt.ca_file is not None:
        yield "mqtt.ca_file", settings.mqtt.ca_file
    if settings.lms is not None and settings.lms.sip2 is not None and settings.lms.sip2.ca_file is not None:
        yield "lms.sip2.ca_file", settings.lms.sip2.ca_file
    if settings.lms is not None and settings.lms.koha is not None and settings.lms.koha.ca_file is not None:
        yield "lms.koha.ca_file", settings.lms.koha.ca_file


def _one(key: str, file: Path, now: datetime) -> Finding:
    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except FileNotFoundError:
        return fault(PART, f"{key}: {file} is not there", "put the certificate there, or correct the key")
    except OSError as error:
        return unknown(PART, f"{key}: {file}: {error.strerror}", "run it as root")
    except ValueError:
        return fault(PART, f"{key}: {file} holds no certificate", "put a certificate there, as PEM")
    ends = min(one.not_valid_after_utc for one in found)
    days = (ends - now).days
    if ends < now:
        return fault(PART, f"{key}: {file} has expired on {ends:%Y-%m-%d}", RENEW)
    if days < WARNED_DAYS:
        return hint(PART, f"{key}: {file} expires on {ends:%Y-%m-%d}, in {days} days", RENEW)
    return ok(PART, f"{key}: {file} is good until {ends:%Y-%m-%d}")
