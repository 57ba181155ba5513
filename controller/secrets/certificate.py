"""X.509 certificates in files: until when they are valid. Never here: verifying them, which TLS does."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509


class NoCertificate(Exception):
    """The file holds no certificate that can be read. The message names it."""


def valid_until_us(file: Path) -> int:
    """When the first of its certificates to expire does: wall time, microseconds. Raises NoCertificate."""
    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except OSError as error:
        raise NoCertificate(f"{file}: {error.strerror}") from error
    except ValueError:
        raise NoCertificate(f"{file}: it holds no certificate") from None
    return min(int(one.not_valid_after_utc.timestamp()) for one in found) * 1_000_000
