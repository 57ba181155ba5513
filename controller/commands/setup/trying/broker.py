"""The broker, connected to once. Never here: what is published there."""

from __future__ import annotations

from queue import Empty, SimpleQueue

from controller.devices import BrokerHappening, Connected, DeviceError, Disconnected
from controller.secrets import credentials
from controller.settings.model import Branch
from controller.settings.mqtt import Mqtt
from drivers.mqtt_broker import Identity, Login, MqttBroker, Tls

LIMIT_S = 15.0


def fault_of(mqtt: Mqtt, branch: Branch) -> str | None:
    """Why the broker does not take us; None if it does. Raises SecretMissing."""
    happenings: SimpleQueue[BrokerHappening] = SimpleQueue()
    login = None
    if mqtt.username:
        password = credentials.read(credentials.MQTT_PASSWORD, branch.secrets_dir)
        login = Login(mqtt.username, password.reveal())
    identity = None
    if mqtt.certificate is not None:
        identity = Identity(mqtt.certificate, branch.secrets_dir / credentials.MQTT_CLIENT_KEY)
    broker = MqttBroker(
        happenings,
        host=mqtt.host,
        port=mqtt.port,
        # Another name than the uplink's, which the broker would hang up on.
        client_id=f"unlocked-{branch.authority}-{branch.branch}-setup",
        protocol=mqtt.protocol,
        login=login,
        tls=Tls(mqtt.ca_file, identity) if mqtt.uses_tls else None,
    )
    broker.start()
    try:
        while True:
            match happenings.get(timeout=LIMIT_S):
                case Connected():
                    return None
                case Disconnected(reason):
                    return reason
    except Empty:
        return f"no answer within {LIMIT_S:.0f} s"
    except DeviceError as error:
        return str(error)
    finally:
        broker.stop()
