"""Certificates of `config/mqtt-ca` in a real Mosquitto, set up as its template says."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controller.devices import Connected, DeviceError, Disconnected
from drivers.mqtt_broker import Identity, Tls

CONFIG = Path(__file__).parents[2] / "config"
NOT_AUTHORISED = 135
LIMIT_S = 15


class Authority:
    """The program, and the folders of the authority (ca), of secrets, and the one it is called in."""

    def __init__(self, here: Path) -> None:
        self.here, self.ca, self.secrets = here, here / "ca", here / "secrets"
        self.secrets.mkdir()
        (here / "passphrase").write_text("correct horse\n")

    def __call__(self, *arguments: object, fails: bool = False) -> str:
        environment = os.environ | {"MQTT_CA_PASSPHRASE_FILE": str(self.here / "passphrase")}
        ended = subprocess.run(
            [str(CONFIG / "mqtt-ca"), *map(str, arguments)],
            cwd=self.here,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (ended.returncode != 0) is fails, ended.stderr
        return ended.stderr if fails else ended.stdout

    def branch(self, name: str) -> Identity:
        """What a branch has once its request was signed."""
        request = name.replace("/", "-")
        key = self.secrets / request
        key.mkdir(exist_ok=True)
        self("request", name, key)
        self("sign", self.ca, f"{request}.csr", name)
        return Identity(self.ca / f"{request}.pem", key / "mqtt-client-key")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path)
    made("init", made.ca)
    made("broker", made.ca, "127.0.0.1", "localhost")
    return made


@pytest.fixture
def broker(authority: Authority, mosquitto) -> Callable[[], int]:
    """Starts a Mosquitto after its template, with certificates instead of passwords. Returns its port."""

    def start() -> int:
        (authority.here / "store").mkdir(exist_ok=True)
        shutil.copy(CONFIG / "mosquitto.acl", authority.here)
        settings = (CONFIG / "mosquitto.conf").read_text()
        for old, new in {
            "listener 8883": "listener {port} 127.0.0.1",
            "password_file": "#password_file",
            "#cafile": "cafile",
            "#require_certificate": "require_certificate",
            "#use_identity": "use_identity",
            "#crlfile": "crlfile",
            "/etc/mosquitto/certs/": "{folder}/ca/",
            "/etc/mosquitto/": "{folder}/",
            "/var/lib/mosquitto/": "{folder}/store/",
            "log_dest syslog": "log_dest none",
        }.items():
            assert old in settings
            settings = settings.replace(old, new)
        return int(mosquitto(settings).port)

    return start


def test_a_branch_is_who_its_certificate_says_and_nobody_comes_in_without(authority, broker, line) -> None:
    identity = authority.branch("org/branch")
    port = broker()
    branch = line(port, tls=Tls(authority.ca / "ca.pem", identity))
    until_us = branch.next(Connected).certified_until_us
    assert datetime.now(UTC) + timedelta(396) < datetime.fromtimestamp(until_us / 1_000_000, UTC)
    assert branch.publish("lu/v1/org/branch/status").reason in (0, 16)
    assert branch.publish("lu/v1/org/other/status").reason == NOT_AUTHORISED
    stranger = line(port, client_id="stranger", tls=Tls(authority.ca / "ca.pem"))
    # Under TLS 1.3 the broker's refusal comes after the handshake, and may be nothing but the end.
    assert isinstance(stranger.queue.get(timeout=LIMIT_S), Disconnected)


def test_a_revoked_branch_stays_outside_and_the_others_do_not(authority, broker, line) -> None:
    stolen, other = authority.branch("org/branch"), authority.branch("org/other")
    authority("revoke", authority.ca, "org/branch")
    assert "revoked   " in authority("list", authority.ca)
    port = broker()
    thief = line(port, client_id="thief", tls=Tls(authority.ca / "ca.pem", stolen))
    assert isinstance(thief.queue.get(timeout=LIMIT_S), Disconnected)
    line(port, tls=Tls(authority.ca / "ca.pem", other)).next(Connected)


def test_renewing_keeps_the_key_and_a_request_gets_the_name_that_the_authority_gives(authority) -> None:
    first = authority.branch("org/branch")
    key = first.key.read_bytes()
    before = first.certificate.read_bytes()
    authority.branch("org/branch")
    assert first.key.read_bytes() == key
    assert first.certificate.read_bytes() != before
    # Whatever stands in the request: who signs it says who that is.
    authority("sign", authority.ca, "org-branch.csr", "archive")
    assert authority("list", authority.ca).splitlines()[-1].split()[::2] == ["valid", "archive"]


def test_keys_are_for_their_owner_alone(authority) -> None:
    identity = authority.branch("org/branch")
    for file in (identity.key, authority.ca / "ca.key", authority.ca / "broker.key"):
        assert file.stat().st_mode & 0o777 == 0o600
    assert "ENCRYPTED" in (authority.ca / "ca.key").read_text()


def test_what_is_wrong_is_said(authority) -> None:
    assert "is there already" in authority("init", authority.ca, fails=True)
    assert "AUTHORITY/BRANCH" in authority("request", "Org/Branch", fails=True)
    assert "no authority in it" in authority("sign", authority.here, "x.csr", "org/branch", fails=True)
    (authority.here / "x.csr").write_text("nonsense")
    assert "no request" in authority("sign", authority.ca, "x.csr", "org/branch", fails=True)
    assert "no valid certificate" in authority("revoke", authority.ca, "org/branch", fails=True)
    (authority.here / "passphrase").write_text("wrong horse\n")
    authority("request", "org/branch", authority.secrets)
    authority("sign", authority.ca, "org-branch.csr", "org/branch", fails=True)
    assert not (authority.ca / "org-branch.pem").exists()


def test_a_key_of_somebody_else_is_refused_at_once(authority) -> None:
    one, other = authority.branch("org/branch"), authority.branch("org/other")
    with pytest.raises(DeviceError, match=r"org-branch\.pem cannot be used with the key"):
        Tls(authority.ca / "ca.pem", Identity(one.certificate, other.key)).context()
