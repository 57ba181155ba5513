"""``unlocked clip``: what there is to see of events, and footage as files."""

from __future__ import annotations

import click

from controller.commands.clip.exporting import export_clip
from controller.commands.clip.key import key
from controller.commands.clip.listing import list_clips
from controller.commands.clip.show import show
from controller.commands.clip.verify import verify_export


@click.group()
def command() -> None:
    """List, show and export clips, and verify exports."""


for clip_command in (list_clips, show, export_clip, verify_export, key):
    command.add_command(clip_command)
