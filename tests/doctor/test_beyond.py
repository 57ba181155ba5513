"""What is beyond the machine: broker, library management system, certificates."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from controller.core.event import EventType
from controller.doctor.checks.certificates import files
from controller.doctor.finding import State
from controller.store.journal_reader import JournalReader
from controller.store.position import Position, Positions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rig


# --- broker ------------------------------------------------------------------------------------------


def test_a_broker_that_takes_events(rig: Rig) -> None:
    rig.happened("uplink", EventType.SERVICE_STARTED, "uplink")
    rig.happened("uplink", EventType.UPLINK_CONNECTED, "uplink")
    journal = rig.paths.journal("uplink")

    assert "how many events wait cannot be known" in rig.look("broker").unknown
    with closing(Positions.open(rig.paths.positions)) as positions, closing(JournalReader(journal)) as reader:
        positions.advance(reader.journal_id, Position(sent=1))
    assert "; 1 event waiting" in rig.look("broker").fine


def test_one_that_is_lost_and_why(rig: Rig) -> None:
    mqtt = rig.context.settings.mqtt
    rig.happened("uplink", EventType.SERVICE_STARTED, "uplink")
    rig.happened("uplink", EventType.UPLINK_LOST, "uplink")
    assert "not connected, although" in rig.look("broker").faults
    rig.machine.refuses[mqtt.host, mqtt.port] = "connection refused"
    assert f"not connected: {mqtt.host}:{mqtt.port}: connection refused" in rig.look("broker").faults


def test_one_that_refuses_an_event(rig: Rig) -> None:
    rig.happened("uplink", EventType.SERVICE_STARTED, "uplink")
    rig.happened("uplink", EventType.UPLINK_REFUSED, "uplink")

    assert "it refuses an event" in rig.look("broker").faults


def test_without_the_uplink_nothing_is_known(rig: Rig) -> None:
    assert "the uplink does not run" in rig.look("broker").unknown


# --- library management system -----------------------------------------------------------------------

SYSTEM = """
[lms]
timeout_s = 0.5
[lms.sip2]
dialect = "koha"
host = "127.0.0.1"
port = 1
institution = "test"
"""


def test_none_is_in_order(rig: Rig) -> None:
    assert "none is asked live" in rig.look("lms").fine


def test_one_that_does_not_answer(rig: Rig) -> None:
    rig.line(SYSTEM)

    assert "127.0.0.1:1 does not answer: it cannot be reached" in rig.look("lms").faults


def test_what_the_service_has_found_is_told_beside_it(rig: Rig) -> None:
    rig.line(SYSTEM)
    rig.happened("membership", EventType.LMS_LOST, "lms", reason="login_refused")
    assert "the membership service does not reach it: it refuses our login" in rig.look("lms").faults
    rig.happened("membership", EventType.LMS_FOUND, "lms")
    rig.happened("membership", EventType.LMS_UNUSABLE, "lms")
    assert "its answers are not enough to count" in rig.look("lms").faults


def test_its_password_may_be_missing(rig: Rig) -> None:
    rig.line(f'{SYSTEM}username = "controller"')

    assert "cannot be asked: " in rig.look("lms").unknown


# --- certificates ------------------------------------------------------------------------------------


@pytest.fixture
def certificate(rig: Rig, tmp_path: Path) -> Path:
    """Named by the settings, and not there."""
    file = tmp_path / "ca.pem"
    rig.edit("[mqtt]", f'[mqtt]\nca_file = "{file}"')
    return file


def until(rig: Rig, days: int) -> bytes:
    """A certificate that is good for so long."""
    now = datetime.fromtimestamp(rig.now.wall_us / 1_000_000, UTC)
    key, name = Ed25519PrivateKey.generate(), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, None)
    )
    return made.public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("days", "state", "says"),
    [
        (-3, State.FAULT, "has expired"),
        (20, State.HINT, "in 20 days"),
        (90, State.OK, "is good until"),
    ],
)
def test_until_when_a_certificate_is_good(
    rig: Rig, certificate: Path, days: int, state: State, says: str
) -> None:
    certificate.write_bytes(until(rig, days))

    assert says in rig.look("certificates").said(state)


def test_a_certificate_that_is_none(rig: Rig, certificate: Path) -> None:
    assert "No such file" in rig.look("certificates").faults
    certificate.write_text("hello")
    assert "holds no certificate" in rig.look("certificates").faults


def test_the_certificate_that_the_broker_shows(rig: Rig) -> None:
    rig.happened("uplink", EventType.CERTIFICATE_EXPIRING, "uplink", certificate="broker", days=12)

    assert "the broker's own expires on " in rig.look("certificates").hints


def test_every_certificate_of_the_settings_is_looked_at(rig: Rig, certificate: Path) -> None:
    assert dict(files(rig.context.settings)) == {"mqtt.ca_file": certificate}
