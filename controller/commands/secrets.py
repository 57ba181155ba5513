"""``unlocked secrets``: how the branch's keys and passwords are kept, and who is handed which."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.secrets.encrypted import Binding
    from controller.secrets.inventory import Kept
    from controller.settings.model import Settings

SYSTEMD_RUNS = Path("/run/systemd/system")
HOST_KEY = "/var/lib/systemd/credential.secret"

units_option = click.option(
    "--units",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("/etc/systemd/system"),
    show_default=True,
    help="Where systemd looks for drop-ins.",
)


@click.group("secrets")
def command() -> None:
    """Show, encrypt and hand out the keys and passwords of the branch. Be root."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each secret.")
@config_option
def list_(as_json: bool, config: Path) -> None:
    """Show each secret that the settings speak of, whom it is for and how it is kept; and what else is there.

    Exits with 1 if one is missing, waits to be encrypted, or can be read by others than its owner.
    """
    from controller.secrets.inventory import State

    wrong = False
    for kept in _inventory(load_settings(config)):
        if as_json:
            said = {
                "secret": kept.name,
                "services": kept.services,
                "state": kept.state.name.lower(),
                "file": str(kept.file),
                "open_to_others": kept.open_to_others,
            }
            click.echo(json.dumps(said))
        else:
            who = ", ".join(kept.services) or "nobody, by these settings"
            faults = f"; {kept.file} must be its owner's alone: chmod 0600" if kept.open_to_others else ""
            click.echo(f"{kept.name:<28} {who:<32} {kept.state.value}{faults}")
        wrong = wrong or kept.open_to_others or kept.state in (State.MISSING, State.REPLACED)
    if wrong:
        raise SystemExit(1)


@command.command("encrypt")
@click.option(
    "--key",
    type=click.Choice(["best", "host", "tpm"]),
    default="best",
    show_default=True,
    help="What it takes to decrypt them: this machine's TPM and its key, or its key alone.",
)
@click.option(
    "--again", is_flag=True, help="Those too that are encrypted already, as after a TPM was fitted."
)
@units_option
@config_option
def encrypt(key: str, again: bool, units: Path, config: Path) -> None:
    """Encrypt every secret, so that it is of use on this machine alone; systemd decrypts it for its service.

    First each is encrypted and tried, then the drop-ins are written, then what was in plain is overwritten
    and removed; whatever ends it in between, begin it again. Keep a copy elsewhere of what must outlive this
    machine.
    """
    encrypt_all(load_settings(config), units, key=key, again=again)


@command.command("decrypt")
@units_option
@config_option
def decrypt(units: Path, config: Path) -> None:
    """Put every secret back in plain, as before its disk or its TPM goes to another machine.

    Do it while the branch may stand still: between two secrets a service that is started has neither.
    """
    from controller.commands.secret_file import put_in_place
    from controller.secrets import credentials, encrypted
    from controller.secrets.inventory import State

    settings = load_settings(config)
    folder = settings.branch.secrets_dir
    found = [kept for kept in _inventory(settings) if kept.file.suffix == encrypted.SUFFIX]
    if waiting := [kept.name for kept in found if kept.state is State.REPLACED]:
        raise click.ClickException(
            f"{folder / waiting[0]} waits to be encrypted: remove it, or have `unlocked secrets encrypt` "
            "take it first"
        )
    for kept in found:
        try:
            put_in_place(folder / kept.name, credentials.content_of(kept.file))
            kept.file.unlink()
        except OSError as error:
            raise click.ClickException(f"{kept.file}: {error.strerror}") from error
        click.echo(f"{folder / kept.name}: in plain")
    hand_out(settings, units)


@command.command("units")
@units_option
@config_option
def units_(units: Path, config: Path) -> None:
    """Write for each service the drop-in by which systemd hands it its secrets, and no others.

    To be done after a camera, a reader, a library management system or a broker with a password was added to
    the settings; `unlocked secrets encrypt` does it too.
    """
    settings = load_settings(config)
    if not hand_out(settings, units):
        click.echo("Nothing has changed.")


def encrypt_all(settings: Settings, units: Path, *, key: str = "best", again: bool = False) -> None:
    """What ``unlocked secrets encrypt`` does. Raises click.ClickException."""
    from controller.commands.secret_file import put_in_place
    from controller.secrets import credentials, encrypted
    from controller.secrets.encrypted import Binding

    folder = settings.branch.secrets_dir
    binding = {"best": encrypted.best_binding(), "host": Binding.HOST, "tpm": Binding.TPM}[key]
    plain = []
    for kept in _inventory(settings):
        file = folder / kept.name
        if file.exists():
            plain.append(file)
        elif not (again and kept.file.exists()):
            continue
        sealed = folder / f"{kept.name}{encrypted.SUFFIX}"
        try:
            content = credentials.content_of(file if file.exists() else sealed)
            put_in_place(sealed, encrypted.encrypt(kept.name, content, binding))
        except OSError as error:
            raise click.ClickException(f"{kept.file}: {error.strerror}") from error
        except encrypted.NotEncrypted as error:
            raise click.ClickException(f"{error}; nothing in plain was removed") from error
        click.echo(f"{sealed}: encrypted")
    hand_out(settings, units)
    _remove(plain)
    _say_what_it_is_worth(binding)


def _inventory(settings: Settings) -> tuple[Kept, ...]:
    from controller.secrets.inventory import inventory

    try:
        return inventory(settings)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}; run it as root") from error


def hand_out(settings: Settings, units: Path) -> bool:
    """Whether a drop-in changed."""
    from controller.secrets import drop_ins

    try:
        changed = drop_ins.write(settings, units)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}; run it as root") from error
    for file in changed:
        click.echo(f"{file} written")
    if not changed:
        return False
    if SYSTEMD_RUNS.exists():
        ended = subprocess.run(("systemctl", "daemon-reload"), capture_output=True, text=True)
        if ended.returncode:
            raise click.ClickException(f"systemctl daemon-reload: {ended.stderr.strip()}")
    click.echo("A service has its new secrets once it is started again: `systemctl restart unlocked-door`, …")
    return True


def _remove(plain: list[Path]) -> None:
    from controller.keeping.shredding import NotShredded, shred

    for file in plain:
        try:
            shred(file)
        except NotShredded as error:
            raise click.ClickException(
                f"{file}: it is encrypted, and still there in plain: {error}"
            ) from error
    if plain:
        click.echo(
            f"{len(plain)} overwritten and removed. Flash memory can keep what was overwritten: a secret "
            "that somebody may have read there is safe again only when it is changed."
        )


def _say_what_it_is_worth(binding: Binding) -> None:
    from controller.secrets.encrypted import Binding

    if binding is Binding.TPM:
        click.echo("They are bound to the TPM: whoever takes the disk away cannot decrypt them.")
    else:
        click.echo(
            f"There is no TPM in use. Their key is {HOST_KEY}, on this disk: copies of the secrets folder "
            "tell nothing, but whoever takes the whole disk away can decrypt them."
        )
