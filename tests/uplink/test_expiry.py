"""Certificates that run out, told a month ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from controller.core.certificates import DAY_US
from controller.core.event import EventType, Stamp
from controller.uplink.expiry import BRANCH, BROKER, ExpiryWatch

NOW_US = 1_795_284_245_000_000
EXPIRING, RENEWED = EventType.CERTIFICATE_EXPIRING, EventType.CERTIFICATE_RENEWED


def at(days: float, *, trusted: bool = True) -> Stamp:
    later_us = int(days * DAY_US)
    return Stamp(NOW_US + later_us, 1 + later_us, "boot", trusted)


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[[int], Path]:
    """Writes one that is valid for so many days from now on."""
    file = tmp_path / "certificate.pem"

    def write(days: int) -> Path:
        key, name = (
            ec.generate_private_key(ec.SECP256R1()),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a/b")]),
        )
        now = datetime.fromtimestamp(NOW_US / 1_000_000, UTC)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        made = builder.not_valid_before(now - timedelta(900)).not_valid_after(now + timedelta(days))
        file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return file

    return write


@pytest.fixture
def told() -> list[tuple[EventType, Any]]:
    return []


@pytest.fixture
def watch(tmp_path: Path, told: list[tuple[EventType, Any]]) -> ExpiryWatch:
    return ExpiryWatch(
        {BRANCH: tmp_path / "certificate.pem"}, lambda kind, data: told.append((kind, dict(data)))
    )


def test_it_is_told_at_once_and_then_once_a_day(watch, told, certificate) -> None:
    certificate(30)
    watch.look(at(0))
    assert told == [], "thirty whole days are left"
    watch.look(at(0.5))
    assert told == [], "once a day is enough"
    watch.look(at(1))
    watch.look(at(1.9))
    watch.look(at(2))
    assert told == [
        (EXPIRING, {"certificate": "branch", "days": 29}),
        (EXPIRING, {"certificate": "branch", "days": 28}),
    ]


def test_an_expired_one_is_told_as_well(watch, told, certificate) -> None:
    certificate(-3)
    watch.look(at(0))
    assert told == [(EXPIRING, {"certificate": "branch", "days": -3})]


def test_a_renewed_one_ends_the_warning(watch, told, certificate) -> None:
    certificate(10)
    watch.look(at(0))
    certificate(398)
    watch.look(at(1))
    watch.look(at(2))
    assert [kind for kind, _ in told] == [EXPIRING, RENEWED]


def test_the_brokers_is_told_once_it_has_shown_it(watch, told, certificate) -> None:
    certificate(398)
    watch.look(at(0))
    watch.seen(at(7).wall_us)
    watch.look(at(0.1))
    assert told == [(EXPIRING, {"certificate": BROKER, "days": 6})]
    watch.seen(None)
    watch.look(at(1.2))
    assert len(told) == 1, "without a connection nobody knows"


def test_a_clock_that_is_not_believed_says_nothing(watch, told, certificate) -> None:
    certificate(1)
    watch.look(at(0, trusted=False))
    assert told == []
    watch.look(at(0))
    assert len(told) == 1


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_says_nothing_is_logged_once_a_day(watch, told, tmp_path, caplog, content) -> None:
    if content is not None:
        (tmp_path / "certificate.pem").write_text(content)
    watch.look(at(0))
    watch.look(at(0.2))
    assert told == []
    assert [record.getMessage().count("certificate.pem") for record in caplog.records] == [1]
