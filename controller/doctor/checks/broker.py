"""The broker: do events leave the branch?"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.states.broker import CONNECTED, REFUSED, BrokerState
from controller.core.states.service import STARTED, ServiceState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, ok, unknown
from controller.settings.mqtt import Mqtt

PART = "broker"
WAIT = "events wait here, none is lost"


def look(context: Context) -> Iterator[Finding]:
    mqtt = context.settings.mqtt
    if not mqtt.enabled:
        yield ok(PART, "none is set (mqtt.enabled)")
        return
    journal = context.journals["uplink"]
    state = journal.one(BrokerState)
    if journal.one(ServiceState).word != STARTED:
        yield unknown(
            PART, "whether events reach it is not known, since the uplink does not run", "see services"
        )
    elif state.word == CONNECTED:
        yield ok(PART, f"connected to {mqtt.host}:{mqtt.port}")
    elif state.word == REFUSED:
        yield fault(
            PART,
            f"it refuses an event; {WAIT}",
            "let this branch publish below its own topic (config/mosquitto.acl, docs/mqtt.md)",
        )
    else:
        yield _lost(context, mqtt)


def _lost(context: Context, mqtt: Mqtt) -> Finding:
    why = context.machine.answers(mqtt.host, mqtt.port)
    if why is not None:
        return fault(
            PART,
            f"not connected: {mqtt.host}:{mqtt.port}: {why}; {WAIT}",
            "see that the broker runs, and that this machine's network and firewall let it be reached",
        )
    return fault(
        PART,
        f"not connected, although {mqtt.host}:{mqtt.port} takes connections; {WAIT}",
        "look at user, password and certificates; `journalctl -u unlocked-uplink` has the broker's reason",
    )
