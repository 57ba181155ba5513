"""The broker: do events leave the branch?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress

from sqlalchemy import select

from controller.assurance.words import many
from controller.core.states.broker import CONNECTED, REFUSED, BrokerState
from controller.core.states.service import STARTED, ServiceState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.settings.mqtt import Mqtt
from controller.settings.paths import JOURNALS
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.reader import Reader
from controller.store.schema import position

PART = "broker"
MANY = 2_000
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
        yield _connected(context, mqtt)
    elif state.word == REFUSED:
        yield fault(
            PART,
            f"it refuses an event; {WAIT}",
            "let this branch publish below its own topic (config/mosquitto.acl, docs/mqtt.md)",
        )
    else:
        yield _lost(context, mqtt)


def _connected(context: Context, mqtt: Mqtt) -> Finding:
    try:
        waiting = _waiting(context, mqtt)
    except DatabaseUnusable as error:
        return unknown(PART, f"connected; how many events wait cannot be known: {error}")
    what = f"connected to {mqtt.host}:{mqtt.port}; {many(waiting, 'event')} waiting"
    if waiting < MANY:
        return ok(PART, what)
    if mqtt.receiver:
        return hint(
            PART, f"{what} for a receiver to acknowledge them", "see that the receiver runs (docs/mqtt.md)"
        )
    return hint(
        PART, what, "look again in a while: they are sent one after the other, some hundreds a second"
    )


def _waiting(context: Context, mqtt: Mqtt) -> int:
    """Events of all journals that have not left, or have not been acknowledged."""
    base = position.c.received if mqtt.receiver else position.c.sent
    with closing(Reader(context.paths.positions)) as reader:
        left = {
            str(row[0]): int(row[1])
            for row in reader.read(
                lambda connection: connection.execute(select(position.c.journal_id, base)).all()
            )
        }
    waiting = 0
    for service in JOURNALS:
        journal = context.journal(service)
        with suppress(DatabaseMissing):
            waiting += journal.last_seq() - left.get(journal.journal_id, 0)
    return waiting


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
