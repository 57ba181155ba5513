"""The option for a need reference."""

from __future__ import annotations

import click

from controller.staff.needs import SHAPE, is_need


def _need(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not is_need(value):
        raise click.BadParameter(SHAPE)
    return value


need_option = click.option(
    "--need",
    required=True,
    callback=_need,
    help="Reference of the need that was raised, such as INC-2026-014.",
)
"""Gives the command ``need: str``."""
