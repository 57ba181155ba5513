"""What the commands share: the settings option, and errors told in one line.

Never here: what any one noun does. Imported by every command, so it imports little itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from controller.settings.model import Settings


def _inherited(context: click.Context, parameter: click.Parameter, value: Path) -> Path:
    """What was written wins, wherever: after the command, else before it, else the environment's."""
    written = context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
    if written or context.parent is None:
        return value
    before = context.parent.params.get("config", value)
    assert isinstance(before, Path)
    return before


config_option = click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path),
    envvar="UNLOCKED_CONFIG",
    default=Path("/etc/unlocked/branch.toml"),
    show_default=True,
    show_envvar=True,
    callback=_inherited,
    help="The settings of the branch.",
)
"""Gives the command a ``config: Path``, to be read with ``load_settings``."""


class SettingsUnusable(click.ClickException):
    """The settings cannot be used: their faults on standard error, a line each, and exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=True)


def load_settings(file: Path) -> Settings:
    """The settings of ``file``, or the end of the command with exit code 2."""
    from controller.settings.load import SettingsError, load

    try:
        settings = load(file)
    except SettingsError as error:
        raise SettingsUnusable(str(error)) from error
    if settings.clock.assume_trusted:
        click.echo(f"{file}: clock.assume_trusted is on, which is for demos and tests only", err=True)
    return settings
