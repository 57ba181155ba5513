"""``unlocked door``: be the door, or ask and command the one that runs.

Each command imports what it needs when it runs: the service's start is paid for by nobody else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import SettingsUnusable, config_option, load_settings
from controller.ipc.door_commands import Why

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from controller.core.event import JsonValue
    from controller.ipc.messages import Reply, Scalar
    from controller.settings.model import Settings


@click.group("door", invoke_without_command=True)
@config_option
@click.pass_context
def command(context: click.Context, config: Path) -> None:
    """Run the door; with a command, ask or command the one that runs."""
    if context.invoked_subcommand is None:
        _run(load_settings(config))


def _run(settings: Settings) -> None:
    import gc

    # Nothing that is made while the libraries load is garbage; run() looks for it again from then on.
    gc.disable()

    import logging

    from controller.devices import DeviceError
    from controller.door.main import run
    from controller.secrets.credentials import SecretMissing
    from controller.service import set_up_logging

    set_up_logging("door")
    try:
        run(settings)
    except SecretMissing as error:
        raise SettingsUnusable(str(error)) from error
    except DeviceError as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:
        logging.getLogger(__name__).exception("the door ends, its lock secured")
        raise SystemExit(1) from error


def make_safe(settings: Settings) -> None:
    """Secure every lock in place of a door process that has died. Raises DeviceError."""
    from controller.devices import DeviceError
    from drivers.gpio import let_go
    from drivers.gpio_lock import GpioLock

    failed: DeviceError | None = None
    try:
        for door in settings.doors:
            wiring = door.lock
            try:
                GpioLock(
                    wiring.pin,
                    fail_safe=wiring.kind == "fail-safe",
                    active_high=wiring.active_high,
                    max_on_s=wiring.pulse_s,
                ).close()
            except DeviceError as error:
                failed = error
    finally:
        let_go()
    if failed is not None:
        raise failed


@command.command("make-safe", short_help="Secure the locks of a door process that has died.")
@config_option
def make_safe_command(config: Path) -> None:
    """Secure every lock and end: for a supervisor whose door process has died."""
    from controller.devices import DeviceError

    try:
        make_safe(load_settings(config))
    except DeviceError as error:
        raise click.ClickException(str(error)) from error


@command.command("table", short_help="Print the table of states.")
@click.option("--svg", "as_picture", is_flag=True, help="Print the picture of the modes instead.")
def table(as_picture: bool) -> None:
    """Print every state of the door and what it does, as Markdown."""
    from controller.door.explained.picture import svg
    from controller.door.explained.state_table import markdown

    click.echo(svg() if as_picture else markdown(), nl=False)


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def status(config: Path, as_json: bool) -> None:
    """Say how the door is."""
    reply = ask_door(config, "status")
    if as_json:
        click.echo(json.dumps(reply.data))
        return
    for line in _lines(reply.data):
        click.echo(line)


def _lines(data: Mapping[str, JsonValue], indent: str = "") -> Iterator[str]:
    for name, value in data.items():
        title = f"{indent}{name.replace('_', ' ')}:"
        if isinstance(value, dict):
            yield title
            yield from _lines(value, indent + "  ")
        else:
            yield f"{title:22} {_in_words(value)}"


def _in_words(value: JsonValue) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value)) or "none"
        case _:
            return str(value)


door_option = click.option("--door", metavar="ID", help="Which door; needed where there are several.")
doors_option = click.option("--door", metavar="ID", help="Which door; otherwise all of them.")


@command.command("unlock")
@click.option(
    "--why",
    type=click.Choice([why.value for why in Why]),
    default=Why.OTHER.value,
    show_default=True,
    help="Kept in the journal.",
)
@door_option
@config_option
def unlock(config: Path, why: str, door: str | None) -> None:
    """Release the lock once, as for a member."""
    _tell(config, "unlock", door, why=why)


@command.command("hold-open")
@click.option("--minutes", type=click.IntRange(min=1), required=True, help="After them the door locks.")
@door_option
@config_option
def hold_open(config: Path, minutes: int, door: str | None) -> None:
    """Hold the lock released for some minutes. A restart ends it."""
    _tell(config, "hold-open", door, minutes=minutes)


@command.command("end-hold-open")
@doors_option
@config_option
def end_hold_open(config: Path, door: str | None) -> None:
    """Secure a door that is held open."""
    _tell(config, "end-hold-open", door)


@command.command("open-up")
@doors_option
@config_option
def open_up(config: Path, door: str | None) -> None:
    """Keep the door unlocked until the staffed hours end, where settings have it so."""
    _tell(config, "open-up", door)


@command.command("lockdown")
@doors_option
@config_option
def lockdown(config: Path, door: str | None) -> None:
    """Secure the lock and admit nobody, until end-lockdown. Whoever is inside can leave."""
    _tell(config, "lockdown", door)


@command.command("end-lockdown")
@doors_option
@config_option
def end_lockdown(config: Path, door: str | None) -> None:
    """Admit members again."""
    _tell(config, "end-lockdown", door)


@command.command("evacuate")
@config_option
def evacuate(config: Path) -> None:
    """Let nobody in at any door, until end-evacuation. Doors may stand open while people leave."""
    _tell(config, "evacuate", None)


@command.command("end-evacuation")
@config_option
def end_evacuation(config: Path) -> None:
    """Admit members again after an evacuation."""
    _tell(config, "end-evacuation", None)


@command.command("building-empty")
@config_option
def building_empty(config: Path) -> None:
    """Say that nobody is inside, because you have looked: counting begins anew from there."""
    _tell(config, "building-empty", None)


def _tell(config: Path, what: str, door: str | None, **arguments: Scalar) -> None:
    if door is not None:
        arguments["door"] = door
    from controller.staff.doors import NOT_JOURNALLED, in_which_modes, is_journalled

    reply = ask_door(config, what, **arguments)
    click.echo(f"done; {in_which_modes(reply)}")
    if not is_journalled(reply):
        click.echo(NOT_JOURNALLED, err=True)


def ask_door(config: Path, what: str, **arguments: Scalar) -> Reply:
    from controller.ipc.messages import Request
    from controller.staff.doors import ask_the_door
    from controller.staff.refusal import Refused

    try:
        return ask_the_door(load_settings(config), Request(what, arguments))
    except Refused as error:
        raise click.ClickException(str(error)) from error
