"""The MQTT driver against a real Mosquitto, and against a peer that speaks nonsense."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509

from controller.devices import (
    Connected,
    DeviceError,
    DeviceLost,
    Disconnected,
    Received,
)
from drivers.mqtt_broker import Login, Tls, Will

PASSWORD = "hazel-4711-otter"
LIMIT_S = 15


# --- publishing and the broker's word ---


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_message_arrives_and_is_answered(mosquitto, line, protocol) -> None:
    port = mosquitto().port
    reader = line(port, client_id="reader", subscriptions=["lu/#"])
    reader.next(Connected)
    writer = line(port, protocol=protocol)
    writer.next(Connected)
    assert writer.publish("lu/a", b"one").reason == 0
    assert reader.next(Received) == Received("lu/a", b"one", retained=False)


def test_content_type_is_told(mosquitto, line) -> None:
    port = mosquitto().port
    heard = subprocess.Popen(
        [
            "mosquitto_sub",
            "-V",
            "5",
            "-p",
            str(port),
            "-t",
            "lu/#",
            "-C",
            "1",
            "-F",
            "%C",
            "-W",
            str(LIMIT_S),
        ],
        stdout=subprocess.PIPE,
    )
    writer = line(port)
    writer.next(Connected)
    while writer.publish("lu/a").reason != 0:  # 16 until mosquitto_sub is there
        pass
    assert heard.communicate(timeout=LIMIT_S)[0].strip() == b"application/json"


def test_no_subscriber_is_told_apart_from_success(mosquitto, line) -> None:
    writer = line(mosquitto().port)
    writer.next(Connected)
    assert writer.publish("lu/a").reason == 16


ACL = "listener {port} 127.0.0.1\nallow_anonymous true\nacl_file {folder}/acl\n"


@pytest.mark.parametrize(("protocol", "reason"), [("5", 135), ("3.1.1", 0)])
def test_a_refused_message_is_refused_in_words_only_under_mqtt_5(
    mosquitto, line, tmp_path, protocol, reason
) -> None:
    """Under 3.1.1 the protocol has no room for a refusal: hence "prefer 5" in the settings."""
    (tmp_path / "acl").write_text("topic write allowed/#\n")
    writer = line(mosquitto(ACL).port, protocol=protocol)
    writer.next(Connected)
    assert writer.publish("forbidden/a").reason == reason


def test_more_messages_than_the_window_all_arrive_in_order(mosquitto, line) -> None:
    port = mosquitto().port
    reader = line(port, client_id="reader", subscriptions=["lu/#"])
    reader.next(Connected)
    writer = line(port)
    writer.next(Connected)
    for number in range(500):
        writer.broker.publish("lu/a", str(number).encode(), retain=False, content_type="text/plain")
    assert [int(reader.next(Received).payload) for _ in range(500)] == list(range(500))


def test_publishing_before_there_is_a_connection_says_so(line) -> None:
    with pytest.raises(DeviceLost):
        line(1).broker.publish("lu/a", b"", retain=False, content_type="text/plain")


# --- connections that come and go ---


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_it_comes_back_by_itself(mosquitto, line, how) -> None:
    server = mosquitto()
    writer = line(server.port)
    writer.next(Connected)
    server.stop(how)
    # Some versions say goodbye on SIGTERM.
    assert writer.next(Disconnected).reason in ("connection lost", "Server shutting down")
    with pytest.raises(DeviceLost):
        writer.broker.publish("lu/a", b"", retain=False, content_type="text/plain")
    writer.next(Disconnected)  # and once for each vain attempt
    server.start()
    writer.next(Connected)
    assert writer.publish("lu/a").reason == 16


def test_tokens_of_two_connections_differ(mosquitto, line) -> None:
    server = mosquitto()
    writer = line(server.port)
    writer.next(Connected)
    before = writer.publish("lu/a").token
    server.stop()
    writer.next(Disconnected)
    server.start()
    writer.next(Connected)
    assert writer.publish("lu/a").token != before


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_what_was_sent_to_us_while_we_were_away_reaches_us(mosquitto, line, protocol) -> None:
    port = mosquitto().port
    settings = {"client_id": "away", "subscriptions": ["ack/+"], "protocol": protocol}
    first = line(port, **settings)
    first.next(Connected)
    first.broker.stop()
    other = line(port, client_id="other")
    other.next(Connected)
    other.publish("ack/archive", b"late")
    again = line(port, **settings)
    assert again.next(Received).payload == b"late"
    assert again.next(Connected).session_present


# --- farewell ---


def test_stopping_publishes_the_will_and_keeps_it_retained(mosquitto, line) -> None:
    port = mosquitto().port
    writer = line(port, will=Will("lu/status", b"gone"))
    writer.next(Connected)
    writer.broker.stop()
    assert isinstance(writer.next(Disconnected), Disconnected)
    reader = line(port, client_id="reader", subscriptions=["lu/#"])
    assert reader.next(Received) == Received("lu/status", b"gone", retained=True)


def test_dying_leaves_the_will_to_the_broker(mosquitto, line) -> None:
    port = mosquitto().port
    reader = line(port, client_id="reader", subscriptions=["lu/#"])
    reader.next(Connected)
    program = f"""
        import os
        from queue import SimpleQueue
        from drivers.mqtt_broker import MqttBroker, Will
        queue = SimpleQueue()
        will = Will("lu/status", b"gone")
        MqttBroker(queue, host="127.0.0.1", port={port}, client_id="dying", will=will).start()
        queue.get(timeout=10)
        os._exit(9)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], timeout=LIMIT_S, check=False)
    assert reader.next(Received).payload == b"gone"


def test_stopping_without_ever_having_been_connected_ends(line) -> None:
    writer = line(1)
    writer.next(Disconnected)
    writer.broker.stop()


# --- who we are, who they are ---

LOGIN = "listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {folder}/passwords\n"


@pytest.fixture
def password_file(tmp_path: Path) -> None:
    subprocess.run(
        ["mosquitto_passwd", "-c", "-b", str(tmp_path / "passwords"), "org/branch", PASSWORD], check=True
    )


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_the_password_is_used(mosquitto, line, password_file, protocol) -> None:
    line(mosquitto(LOGIN).port, login=Login("org/branch", PASSWORD), protocol=protocol).next(Connected)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_wrong_password_is_refused_in_words_and_never_shown(
    mosquitto, line, password_file, protocol, caplog
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = PASSWORD + "-wrong"
    writer = line(mosquitto(LOGIN).port, login=Login("org/branch", wrong), protocol=protocol)
    reason = writer.next(Disconnected).reason
    assert "authorized" in reason or "password" in reason
    with pytest.raises(DeviceLost):
        writer.broker.publish("lu/a", b"", retain=False, content_type="text/plain")
    assert PASSWORD not in caplog.text + reason + repr(writer.broker) + repr(Login("org/branch", PASSWORD))


TLS = """\
listener {port} 127.0.0.1
allow_anonymous true
cafile {folder}/ours.pem
certfile {folder}/broker.pem
keyfile {folder}/broker.key
"""
HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def test_a_broker_with_a_certificate_of_our_authority_is_accepted(mosquitto, line, authority) -> None:
    ours = authority("ours")
    ours.issue([HERE])
    writer = line(mosquitto(TLS).port, tls=Tls(ours.file))
    writer.next(Connected)
    for _ in range(100):
        assert writer.publish("lu/a", b"x" * 5000).reason == 16


def test_a_broker_with_a_certificate_of_another_authority_is_refused(mosquitto, line, authority) -> None:
    authority("ours").issue([HERE])
    theirs = authority("theirs")
    writer = line(mosquitto(TLS).port, tls=Tls(theirs.file))
    assert "certificate is not accepted" in writer.next(Disconnected).reason
    assert isinstance(writer.queue.get(timeout=LIMIT_S), Disconnected)  # the next attempt fares no better


def test_a_broker_with_a_certificate_for_another_name_is_refused(mosquitto, line, authority) -> None:
    ours = authority("ours")
    ours.issue([x509.DNSName("elsewhere.example")])
    writer = line(mosquitto(TLS).port, tls=Tls(ours.file))
    assert "certificate is not accepted" in writer.next(Disconnected).reason


def test_an_authority_file_that_is_not_one_is_refused_at_once(tmp_path) -> None:
    (tmp_path / "broken.pem").write_text("no certificate")
    for name in ("broken.pem", "missing.pem"):
        with pytest.raises(DeviceError, match=name):
            Tls(tmp_path / name).context()


# --- a peer that does not behave ---


@pytest.fixture
def peer() -> Iterator[Callable[[list[bytes]], int]]:
    """A listener that answers each packet it gets with the next of the given bytes. Returns the port."""
    with contextlib.ExitStack() as stack:

        def serve(answers: list[bytes]) -> int:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def talk() -> None:
                while True:
                    try:
                        talker, _ = listener.accept()
                    except OSError:
                        return
                    with talker, contextlib.suppress(OSError):
                        for answer in answers:
                            if not talker.recv(4096):
                                break
                            talker.sendall(answer)
                        while talker.recv(4096):
                            pass

            thread = threading.Thread(target=talk)
            thread.start()
            stack.callback(thread.join, LIMIT_S)
            stack.callback(listener.shutdown, socket.SHUT_RDWR)
            return int(listener.getsockname()[1])

        yield serve


CONNACK = bytes.fromhex("2003000000")


def test_a_refused_subscription_is_no_connection(peer, line) -> None:
    """Without acknowledgements nothing would ever count as received."""
    suback = bytes.fromhex("900400010087")
    port = peer([CONNACK, suback])
    assert (
        "subscription refused: Not authorized"
        in line(port, subscriptions=["ack/+"]).next(Disconnected).reason
    )


def test_nonsense_ends_the_connection_and_not_the_driver(peer, line) -> None:
    port = peer([CONNACK + b"\xf7\xff\x00\x30\x03\x00\xff\xff" * 20])
    writer = line(port)
    for _ in range(3):
        writer.next(Disconnected)


def test_a_smaller_window_of_the_broker_is_told(peer, line) -> None:
    receive_maximum_two = bytes.fromhex("2006000003210002")
    assert line(peer([receive_maximum_two])).next(Connected) == Connected(session_present=False, window=2)
