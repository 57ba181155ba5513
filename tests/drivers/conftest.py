"""A Mosquitto, a client and a certificate authority for the tests of the MQTT driver, and a Pi's pins."""

from __future__ import annotations

import datetime
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from gpiozero import Factory
from gpiozero.pins.mock import MockFactory

from controller.devices import Answered, BrokerHappening
from drivers.mqtt_broker import Backoff, MqttBroker
from simulator.waiting import wait_until

QUICK = Backoff(shortest_s=0.05, longest_s=0.2, settled_s=60)
LIMIT_S = 15


@pytest.fixture
def pins() -> Iterator[Factory]:
    """A Raspberry Pi's pins that exist in memory only, released afterwards."""
    factory = MockFactory()
    yield factory
    factory.close()
    factory.reset()


@dataclass
class Mosquitto:
    """One broker process in a folder of its own; started again on the same port."""

    folder: Path
    settings: str
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        file = self.folder / "mosquitto.conf"
        file.write_text(self.settings.format(port=self.port, folder=self.folder))
        self.process = subprocess.Popen(
            ["mosquitto", "-c", str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: _listens(self.port), LIMIT_S)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(LIMIT_S)
            self.process = None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


T = TypeVar("T", bound=BrokerHappening)


class Line:
    """A driver, and whatever it has put on its queue."""

    def __init__(self, port: int, **settings: Any) -> None:
        self.queue: SimpleQueue[BrokerHappening] = SimpleQueue()
        defaults: dict[str, Any] = {"host": "127.0.0.1", "client_id": "driver", "backoff": QUICK}
        self.broker = MqttBroker(self.queue, port=port, **(defaults | settings))

    def next(self, kind: type[T]) -> T:
        """The next happening of this kind, whatever else comes before it."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            try:
                happening = self.queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                pytest.fail(f"no {kind.__name__} came")
            if isinstance(happening, kind):
                return happening

    def publish(self, topic: str, payload: bytes = b"{}", *, retain: bool = False) -> Answered:
        token = self.broker.publish(topic, payload, retain=retain, content_type="application/json")
        while (answer := self.next(Answered)).token != token:
            pass
        return answer


@pytest.fixture
def line() -> Iterator[Callable[..., Line]]:
    lines: list[Line] = []

    def make(port: int, **settings: Any) -> Line:
        lines.append(Line(port, **settings))
        lines[-1].broker.start()
        return lines[-1]

    yield make
    for made in lines:
        made.broker.stop()


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    running: list[Mosquitto] = []

    def start(settings: str = "listener {port} 127.0.0.1\nallow_anonymous true\n") -> Mosquitto:
        with socket.socket() as chosen:
            chosen.bind(("127.0.0.1", 0))
            port = chosen.getsockname()[1]
        # Mosquitto drops root for a user who could not read the test's folder.
        broker = Mosquitto(tmp_path, "user root\n" + settings, port)
        broker.start()
        running.append(broker)
        return broker

    yield start
    for broker in running:
        broker.stop()


@dataclass
class Authority:
    """A throw-away certificate authority."""

    folder: Path
    name: str

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        self.certificate = self._sign(self.subject, self.key.public_key(), None)
        self.file = self.folder / f"{self.name}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, names: list[x509.GeneralName]) -> None:
        """Write the broker's certificate and key for these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")])
        certificate = self._sign(subject, key.public_key(), x509.SubjectAlternativeName(names))
        (self.folder / "broker.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        (self.folder / "broker.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        names: x509.SubjectAlternativeName | None,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=names is None, path_length=None), critical=True)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Callable[[str], Authority]:
    """Makes certificate authorities by name; the last to issue is the broker's."""
    return lambda name: Authority(tmp_path, name)
