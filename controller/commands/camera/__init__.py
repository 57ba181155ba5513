"""``unlocked camera``: the cameras of the branch, and what they see. Each command is in a file of its own."""

from __future__ import annotations

import click

from controller.commands.camera.find import find
from controller.commands.camera.listing import list_cameras
from controller.commands.camera.reference import reference
from controller.commands.camera.watch import watch


@click.group("camera")
def command() -> None:
    """Show the cameras and what they see, to set them up, and have their views learnt."""


for camera_command in (list_cameras, watch, reference, find):
    command.add_command(camera_command)
