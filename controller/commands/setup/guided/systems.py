"""Asked about what is elsewhere on the network: cameras, the broker, the library management system."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
from pydantic import ValidationError

from controller.commands.setup.guided.conversation import SECRETS, Conversation, Table, field, tell, yes
from controller.devices import DeviceLost
from controller.secrets import credentials
from controller.settings.hints import ONLY_ENCODED_HERE, ONLY_RTSP
from controller.settings.lms import Koha, Sip2
from controller.settings.model import Branch
from controller.settings.mqtt import Mqtt
from controller.settings.recording import CameraSettings
from controller.settings.section import Section, is_loopback

MOST_CAMERAS = 8
DISCOVERY_S = 3.0


def cameras(asked: Conversation) -> None:
    tell("Cameras are recorded only under a policy profile. They can be added to the file later as well.")
    found = asked.tables("cameras")
    count = click.prompt("How many cameras", default=len(found), type=click.IntRange(0, MOST_CAMERAS))
    del found[count:]
    if count and yes("Look which network cameras answer (ONVIF)", default=True):
        _discover()
    for number in range(count):
        if number == len(found):
            found.append({})
        _camera(asked, found[number], number)
    if not count:
        asked.drop("cameras")


def _discover() -> None:
    from drivers.onvif_discovery import NoNetwork, find_cameras

    click.echo(f"Asking, for {DISCOVERY_S:.0f} seconds …")
    seen = 0
    with suppress(NoNetwork, OSError):
        for camera in find_cameras(DISCOVERY_S):
            seen += 1
            click.echo(f"  {camera.host:<15}  {camera.name} {camera.hardware}")
    if not seen:
        click.echo("  None answered. On many ONVIF is to be switched on first.")


def _camera(asked: Conversation, table: Table, number: int) -> None:
    click.secho(f"\nCamera {number + 1}", bold=True)
    asked.ask("Name of the camera in events, such as entrance", table, "id", field(CameraSettings, "id"))
    kinds = [("rtsp", "network camera (RTSP)"), ("usb", "USB camera"), ("pi", "the Pi's own camera")]
    kind = asked.choose("Kind of camera", kinds, str(table.get("kind", "rtsp")))
    for idle in ONLY_ENCODED_HERE if kind == "rtsp" else ONLY_RTSP:
        table.pop(idle, None)
    if kind == "rtsp":
        table.pop("kind", None)
        tell("The address is in the camera's own pages or its manual; user and password are asked for apart.")
        asked.ask(
            "Address, such as rtsp://192.0.2.10/stream1",
            table,
            "url",
            _right(CameraSettings, {"id": table["id"]}),
        )
        asked.ask("User name, if it wants one", table, "username", field(CameraSettings, "username"), "")
        if table.get("username"):
            asked.secret(credentials.camera_password(str(table["id"])), "Password")
    else:
        table["kind"] = kind
        device = "/dev/v4l/by-id/…" if kind == "usb" else "0"
        asked.ask("Device", table, "device", field(CameraSettings, "device"), device)
        table.setdefault("device", device)
    asked.save()
    if yes("Look whether it sends a picture", default=True):
        _look(asked, table)


def _look(asked: Conversation, table: Table) -> None:
    from controller.commands.setup.trying.camera import look

    try:
        seen = look(CameraSettings.model_validate(table), _secrets(asked))
    except (DeviceLost, credentials.SecretMissing, ValidationError) as error:
        click.echo(f"No picture: {error}\nGo on; it can be corrected at the end.")
        return
    dark = ", but hardly anything is to be seen in it" if seen.dark else ""
    click.echo(f"It sends {seen.codec}, {seen.width} x {seen.height}: one picture was decoded{dark}.")


def broker(asked: Conversation) -> None:
    tell("Events leave over MQTT. Without a broker they stay in the journals here.")
    table = asked.table("mqtt")
    if not yes("Is there a broker", default=bool(table.get("enabled", True))):
        asked.found["mqtt"] = {"enabled": False}
        asked.save()
        return
    table.pop("enabled", None)
    asked.ask("Its host name", table, "host", field(Mqtt, "host"), "localhost")
    tls = not is_loopback(str(table.get("host", "localhost")))
    asked.ask("Port", table, "port", field(Mqtt, "port"), 8883 if tls else 1883)
    if tls:
        table.setdefault("port", 8883)
        tell("The file of the authority that signed its certificate. Empty: the system's own list.")
        typed = click.prompt("CA file", default=str(table.get("ca_file", "")), show_default=True)
        if typed:
            table["ca_file"] = typed
        else:
            table.pop("ca_file", None)
    asked.ask("User name, if it wants one", table, "username", field(Mqtt, "username"), "")
    if table.get("username"):
        asked.secret(credentials.MQTT_PASSWORD, "Password")
    asked.save()
    if yes("Try to connect", default=True):
        _connect(asked, table)


def _connect(asked: Conversation, table: Table) -> None:
    from controller.commands.setup.trying.broker import fault_of

    try:
        branch = Branch.model_validate(asked.table("branch"))
        fault = fault_of(Mqtt.model_validate(table), branch)
        if fault is not None and "protocol" not in table:
            older = Mqtt.model_validate({**table, "protocol": "3.1.1"})
            if fault_of(older, branch) is None:
                click.echo("Connected with MQTT 3.1.1, which it speaks alone.")
                table["protocol"] = "3.1.1"
                asked.save()
                return
    except (credentials.SecretMissing, ValidationError) as error:
        fault = str(error)
    click.echo("Connected." if fault is None else f"Not connected: {fault}\nIt can be corrected at the end.")


def library(asked: Conversation) -> None:
    tell("Asked live, the library management system knows cards that are newer than the last import.")
    before = asked.found.get("lms")
    kind = next((each for each in ("sip2", "koha") if isinstance(before, dict) and each in before), "")
    systems = [("", "none: memberships are imported"), ("sip2", "SIP2"), ("koha", "Koha's REST API")]
    chosen = asked.choose("Library management system", systems, kind)
    if chosen != kind:
        asked.found.pop("lms", None)
        asked.save()
    if chosen == "sip2":
        _sip2(asked, asked.table("lms", "sip2"))
    elif chosen == "koha":
        table = asked.table("lms", "koha")
        asked.ask(
            "Its address, such as https://library.example", table, "url", _right(Koha, {"client_id": "x"})
        )
        asked.ask("Id of the API key", table, "client_id", field(Koha, "client_id"))
        asked.secret(credentials.LMS_CLIENT_SECRET, "Secret of the API key")
    if chosen:
        tell("It is tried with test cards at the end: sudo unlocked lms probe")


def _sip2(asked: Conversation, table: Table) -> None:
    tell("docs/lms-dialects.md says what is known of each.")
    asked.ask("Dialect: koha, evergreen, sierra, …", table, "dialect", field(Sip2, "dialect"))
    asked.ask("Host name", table, "host", field(Sip2, "host"))
    asked.ask("Port", table, "port", field(Sip2, "port"), 6001)
    asked.ask("User name of the SIP2 account, if any", table, "username", field(Sip2, "username"), "")
    if table.get("username"):
        asked.secret(credentials.LMS_PASSWORD, "Its password")


def _secrets(asked: Conversation) -> Path:
    return Path(str(asked.table("branch").get("secrets_dir", SECRETS)))


def _right(model: type[Section], others: Table) -> Callable[[str], object]:
    """What is typed as the url of such a table. others: what the table must have besides."""

    def convert(typed: str) -> str:
        try:
            model.model_validate({**others, "url": typed})
        except ValidationError as error:
            raise click.BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from error
        return typed

    return convert
