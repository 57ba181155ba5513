"""The templates of config/ in a real Mosquitto: nothing but paths and the port is changed."""

from __future__ import annotations

import ipaddress
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from controller.devices import Connected, Disconnected, Received
from drivers.mqtt_broker import Login, Tls

CONFIG = Path(__file__).parents[2] / "config"
USERS = ("org/branch", "org/other", "archive", "dashboard", "display", "witness")
NOT_AUTHORISED = 135


@pytest.fixture
def user(tmp_path: Path, mosquitto, line, authority) -> Callable[..., Any]:
    """Connects a user by name, with the topics to subscribe to."""
    ours = authority("ours")
    ours.issue([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    (tmp_path / "mosquitto.acl").write_text((CONFIG / "mosquitto.acl").read_text())
    (tmp_path / "unlocked.passwords").touch()
    for name in USERS:
        subprocess.run(
            ["mosquitto_passwd", "-b", str(tmp_path / "unlocked.passwords"), name, f"{name}-pw"], check=True
        )
    (tmp_path / "store").mkdir()
    settings = (CONFIG / "mosquitto.conf").read_text()
    for old, new in {
        "listener 8883": "listener {port} 127.0.0.1",
        "/etc/mosquitto/certs/": "{folder}/",
        "/etc/mosquitto/": "{folder}/",
        "/var/lib/mosquitto/": "{folder}/store/",
        "log_dest syslog": "log_dest none",
    }.items():
        assert old in settings
        settings = settings.replace(old, new)
    server = mosquitto(settings)

    def connect(name: str, *subscriptions: str, password: str = "") -> Any:
        made = line(
            server.port,
            client_id=name.replace("/", "-"),
            login=Login(name, password or f"{name}-pw"),
            tls=Tls(ours.file),
            subscriptions=subscriptions,
        )
        if not password:
            made.next(Connected)
        return made

    return connect


@pytest.mark.parametrize("topic", ["evt/door.opened", "status", "door/front"])
def test_a_branch_writes_its_own_topics_and_no_others(user, topic: str) -> None:
    archive = user("archive", "lu/v1/+/+/#")
    branch = user("org/branch")
    assert branch.publish(f"lu/v1/org/branch/{topic}").reason == 0
    assert archive.next(Received).topic == f"lu/v1/org/branch/{topic}"
    assert branch.publish(f"lu/v1/org/other/{topic}").reason == NOT_AUTHORISED
    assert branch.publish(f"lu/v1/org/branch/{topic}/more").reason == NOT_AUTHORISED


def test_acknowledgements_come_from_the_receiver_alone_and_reach_their_branch_alone(user) -> None:
    branch = user("org/branch", "lu/v1/org/branch/ack/+")
    other = user("org/other", "lu/v1/org/+/ack/+")
    archive = user("archive")
    assert other.publish("lu/v1/org/branch/ack/archive").reason == NOT_AUTHORISED
    assert branch.publish("lu/v1/org/branch/ack/archive").reason == NOT_AUTHORISED
    assert archive.publish("lu/v1/org/branch/ack/somebody").reason == NOT_AUTHORISED
    assert archive.publish("lu/v1/org/branch/ack/archive", b"1").reason == 0
    assert branch.next(Received).payload == b"1"
    assert archive.publish("lu/v1/org/other/ack/archive", b"2").reason == 0
    assert other.next(Received).payload == b"2", "the one for the other branch did not come first"


def test_a_receiver_cannot_pretend_to_be_a_branch(user) -> None:
    archive = user("archive")
    for topic in ("evt/door.opened", "status", "door/front"):
        assert archive.publish(f"lu/v1/org/branch/{topic}").reason == NOT_AUTHORISED


def test_a_dashboard_sees_states_and_no_events(user) -> None:
    dashboard, branch = user("dashboard", "lu/v1/#"), user("org/branch")
    branch.publish("lu/v1/org/branch/evt/access.granted", b"event")
    branch.publish("lu/v1/org/branch/door/front", b"state")
    assert dashboard.next(Received).payload == b"state"
    assert dashboard.publish("lu/v1/org/branch/door/front").reason == NOT_AUTHORISED


def test_a_display_sees_what_it_is_to_show_and_nothing_else(user) -> None:
    display, branch = user("display", "lu/v1/#"), user("org/branch")
    branch.publish("lu/v1/org/branch/evt/access.refused", b"event")
    branch.publish("lu/v1/org/branch/door/front", b"state")
    branch.publish("lu/v1/org/branch/door/front/text", b"text")
    assert branch.publish("lu/v1/org/other/door/front/text").reason == NOT_AUTHORISED
    assert display.next(Received).payload == b"text"
    assert display.publish("lu/v1/org/branch/door/front/text").reason == NOT_AUTHORISED


def test_a_witness_sees_signed_heads_and_nothing_else(user) -> None:
    witness, branch = user("witness", "lu/v1/#"), user("org/branch")
    for topic in ("evt/access.refused", "status", "door/front", "camera/entrance", "footage", "memberships"):
        assert branch.publish(f"lu/v1/org/branch/{topic}").reason == 0
    assert branch.publish("lu/v1/org/branch/journals/door/head", b"head").reason == 0
    assert branch.publish("lu/v1/org/other/journals/door/head").reason == NOT_AUTHORISED
    assert witness.next(Received).payload == b"head"
    assert witness.publish("lu/v1/org/branch/journals/door/head").reason == NOT_AUTHORISED


def test_without_the_password_nobody_comes_in(user) -> None:
    assert "authorized" in user("org/branch", password="guessed").next(Disconnected).reason
