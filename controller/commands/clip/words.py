"""What the commands about clips share: finding a clip, its event and what is missing, and words for it."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from controller.store.footage import Clip


def find(clips: list[Clip], wanted: str) -> Clip:
    """The clip whose id begins so."""
    found = [clip for clip in clips if clip.id.startswith(wanted)]
    if len(found) != 1:
        some = "more than one clip" if found else "no clip"
        raise click.ClickException(f"there is {some} whose id begins with {wanted}; see unlocked clip list")
    return found[0]


def seconds(length_us: int) -> str:
    return f"{length_us / 1_000_000:.1f} s"


def stretch(begins_us: int, ends_us: int, local: tzinfo) -> str:
    from controller.commands import when

    return f"{when.shown(begins_us, local)} to {when.shown(ends_us, local)}"
