"""An MQTT broker through paho-mqtt 2.

Here: connecting, TLS, the last will, subscribing, publishing at QoS 1 and handing the broker's answers
on. Never here: what is worth publishing, in which order, and what an answer means for it.

Rule 1: a paho callback only enqueues. paho calls ``on_publish`` while it holds the lock that ``publish``
needs, so a lock of ours taken in both would deadlock.
Rule 2: every connection gets a client of its own. paho keeps unanswered messages in memory and sends
them again by itself; the caller has a journal and a position, and decides alone what is sent again.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from random import SystemRandom
from threading import Event, Thread
from typing import Literal

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from controller.devices import (
    Answered,
    BrokerHappening,
    Connected,
    DeviceError,
    DeviceLost,
    Disconnected,
    Received,
)

QOS = 1
WINDOW_UNSAID = 65_535
"""What a broker allows that does not say (MQTT 5, section 3.2.2.3.3)."""
UNSPECIFIED = 0x80
KEEPALIVE_S = 30
SESSION_EXPIRY_S = 24 * 3600
"""How long the broker keeps our session, and with it acknowledgements sent while we were away."""
GOODBYE_S = 2.0
"""How long ``stop`` waits for the broker to take the farewell, and again for the connection to end."""
LOOP_S = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between attempts: doubled up to ``longest_s``, each drawn from its upper half.

    A connection that lasted ``settled_s`` starts the row afresh, so that a broker which accepts and
    drops us again and again is not pressed.
    """

    shortest_s: float = 0.5
    longest_s: float = 60.0
    settled_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Login:
    """User name and password as the broker knows us."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Will:
    """A retained message that is published when we are gone, by whichever of us notices."""

    topic: str
    payload: bytes


class _TidySocket(ssl.SSLSocket):
    """Closed when the handshake fails; paho leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


@dataclass(frozen=True, slots=True)
class Identity:
    """The certificate by which the broker knows us, and the file of its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Tls:
    """Who must have signed the broker's certificate (ca_file; None: the system's authorities), and our own.

    The files are read for every connection, so that a renewed certificate needs no restart.
    """

    ca_file: Path | None
    identity: Identity | None = None

    def context(self) -> ssl.SSLContext:
        """Checks certificate and name of the broker; TLS 1.2 or newer. Raises DeviceError (unusable file)."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise DeviceError(
                f"the broker's certificate authority {self.ca_file} cannot be used: {error}"
            ) from error
        if self.identity is not None:
            _load(context, self.identity)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _TidySocket
        return context


def _load(context: ssl.SSLContext, identity: Identity) -> None:
    try:
        # Without a passphrase OpenSSL would ask for that of an encrypted key, at whatever terminal.
        context.load_cert_chain(identity.certificate, identity.key, password="")
    except OSError as error:
        raise DeviceError(
            f"the branch's certificate {identity.certificate} cannot be used with the key"
            f" {identity.key.name}: {error.strerror or error}"
        ) from error


class MqttBroker:
    """A ``controller.devices.Broker``. Connected follows when every subscription was granted, too.

    Raises DeviceError: the files of ``tls`` cannot be used.
    """

    def __init__(
        self,
        happenings: SimpleQueue[BrokerHappening],
        *,
        host: str,
        port: int,
        client_id: str,
        protocol: Literal["5", "3.1.1"] = "5",
        login: Login | None = None,
        tls: Tls | None = None,
        will: Will | None = None,
        subscriptions: Sequence[str] = (),
        backoff: Backoff = Backoff(),
    ) -> None:
        self._happenings = happenings
        self._host = host
        self._port = port
        self._client_id = client_id
        self._protocol = protocol
        self._login = login
        self._tls = tls
        if tls is not None:
            tls.context()  # what cannot be used is said at once, not at every attempt
        self._will = will
        self._subscriptions = tuple(subscriptions)
        self._backoff = backoff
        self._stopping = Event()
        self._connections = 0
        self._connection: _Connection | None = None
        self._thread = Thread(target=self._stay_connected, name="mqtt", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def publish(self, topic: str, payload: bytes, *, retain: bool, content_type: str) -> int:
        connection = self._connection
        if connection is None:
            raise DeviceLost("not connected")
        return connection.publish(topic, payload, retain=retain, content_type=content_type)

    def stop(self) -> None:
        self._stopping.set()
        if (connection := self._connection) is not None:
            connection.say_goodbye(self._will)
        if self._thread.is_alive():
            self._thread.join(GOODBYE_S)  # a daemon: it cannot outlive us even inside a slow connect

    def _stay_connected(self) -> None:
        pause_s = self._backoff.shortest_s
        draw = SystemRandom()
        while not self._stopping.is_set():
            began_s = time.monotonic()
            self._be_connected()
            if time.monotonic() - began_s >= self._backoff.settled_s:
                pause_s = self._backoff.shortest_s
            self._stopping.wait(draw.uniform(pause_s / 2, pause_s))
            pause_s = min(pause_s * 2, self._backoff.longest_s)

    def _be_connected(self) -> None:
        """One connection, from beginning to end."""
        try:
            client = self._client()
        except DeviceError as error:  # a certificate was being renewed, or is gone
            self._happenings.put(Disconnected(str(error)))
            return
        self._connections += 1
        connection = _Connection(client, self._connections, self._happenings, self._subscriptions)
        self._connection = connection
        try:
            if not self._stopping.is_set():
                connection.run(self._host, self._port, _connect_properties(self._protocol))
        finally:
            self._connection = None

    def _client(self) -> Client:
        # Session kept (clean_start in connect, clean_session here): acknowledgements sent while we were
        # away still reach us.
        if self._protocol == "5":
            client = Client(
                CallbackAPIVersion.VERSION2, client_id=self._client_id, protocol=MQTTProtocolVersion.MQTTv5
            )
        else:
            client = Client(
                CallbackAPIVersion.VERSION2,
                client_id=self._client_id,
                protocol=MQTTProtocolVersion.MQTTv311,
                clean_session=False,
            )
        client.max_inflight_messages_set(0)  # no limit of paho's: the caller keeps to Connected.window
        if self._login is not None:
            client.username_pw_set(self._login.username, self._login.password)
        if self._tls is not None:
            client.tls_set_context(self._tls.context())
        if self._will is not None:
            client.will_set(self._will.topic, self._will.payload, QOS, retain=True)
        return client


class _Connection:
    """One client, from its first packet to its last. After Disconnected nothing more follows."""

    def __init__(
        self,
        client: Client,
        number: int,
        happenings: SimpleQueue[BrokerHappening],
        subscriptions: tuple[str, ...],
    ) -> None:
        self._client = client
        self._number = number
        self._happenings = happenings
        self._subscriptions = subscriptions
        self._connected = Connected(session_present=False, window=WINDOW_UNSAID)
        self._accepted = False
        self._ended = False
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        # Where this callback is set, paho leaves all writing to the thread that runs the loop.
        client.on_socket_register_write = lambda *_: None

    def run(self, host: str, port: int, properties: Properties | None) -> None:
        """Connect, and serve the connection until it has ended."""
        try:
            if properties is None:
                self._client.connect(host, port, KEEPALIVE_S)
            else:
                self._client.connect(host, port, KEEPALIVE_S, clean_start=False, properties=properties)
            while self._client.loop(LOOP_S) == MQTTErrorCode.MQTT_ERR_SUCCESS:
                pass
        except OSError as error:  # includes TLS and name resolution
            self._end(_words(error))
        except Exception:
            log.exception("the connection to the broker broke down")
            self._end("broken down")
        else:
            self._end("closed")

    def publish(self, topic: str, payload: bytes, *, retain: bool, content_type: str) -> int:
        if not self._accepted or self._ended:
            raise DeviceLost("not connected")
        properties = None
        if self._client.protocol == MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's has no types
            properties.ContentType = content_type
        info = self._client.publish(topic, payload, QOS, retain, properties)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise DeviceLost(f"not sent: {info.rc.name}")
        return self._token(info.mid)

    def say_goodbye(self, will: Will | None) -> None:
        """A disconnect keeps the broker from publishing the will, so we publish it ourselves."""
        if will is not None and self._accepted and not self._ended:
            farewell = self._client.publish(will.topic, will.payload, QOS, retain=True)
            try:
                farewell.wait_for_publish(GOODBYE_S)
            except RuntimeError:
                log.info("the broker did not take the farewell; it will publish the will itself")
        self._client.disconnect()

    def _token(self, mid: int) -> int:
        """Message ids begin anew with each connection; tokens do not, so a late answer fits no other."""
        return self._number << 16 | mid

    def _end(self, reason: str) -> None:
        if not self._ended:
            self._ended = True
            self._happenings.put(Disconnected(reason))

    # --- called by paho from within its loop: enqueue, nothing else (rule 1) ---

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._end(str(reason))
            return
        self._connected = Connected(
            flags.session_present,
            getattr(properties, "ReceiveMaximum", WINDOW_UNSAID),
            _valid_until_us(client.socket()),
        )
        if self._subscriptions:
            client.subscribe([(topic, QOS) for topic in self._subscriptions])
        else:
            self._accept()

    def _on_subscribe(
        self,
        client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        refused = [reason for reason in reasons if reason.is_failure]
        if refused:
            self._end(f"subscription refused: {refused[0]}")
            client.disconnect()
        else:
            self._accept()

    def _accept(self) -> None:
        self._accepted = True
        self._happenings.put(self._connected)

    def _on_publish(
        self, _client: Client, _userdata: object, mid: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._happenings.put(Answered(self._token(mid), reason.value))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self._happenings.put(Received(message.topic, bytes(message.payload), message.retain))

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        # paho's name for a connection that just ended says nothing.
        self._end("connection lost" if reason.value == UNSPECIFIED else str(reason))


def _connect_properties(protocol: str) -> Properties | None:
    if protocol != "5":
        return None
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's has no types
    properties.SessionExpiryInterval = SESSION_EXPIRY_S
    return properties


def _valid_until_us(wire: object) -> int | None:
    """When the broker's certificate expires, microseconds of wall time; None without TLS."""
    if not isinstance(wire, ssl.SSLSocket):
        return None
    until = (wire.getpeercert() or {}).get("notAfter")
    return int(ssl.cert_time_to_seconds(until)) * 1_000_000 if isinstance(until, str) else None


def _words(error: OSError) -> str:
    """What the system says, without numbers of objects or addresses of memory."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the broker's certificate is not accepted: {error.verify_message}"
    return error.strerror or type(error).__name__
