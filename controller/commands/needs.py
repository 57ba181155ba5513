"""The need reference: which case somebody looks at personal data for. No names: events carry it."""

from __future__ import annotations

import re

import click

NEED = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{1,39}")


def _need(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not NEED.fullmatch(value):
        raise click.BadParameter("a reference such as INC-2026-014, without spaces; no names")
    return value


need_option = click.option(
    "--need",
    required=True,
    callback=_need,
    help="Reference of the need that was raised, such as INC-2026-014.",
)
"""Gives the command ``need: str``."""
