"""``unlocked camera find``: which network cameras there are, as a help while they are set up."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

NOBODY = (
    "no camera answered. Cameras on another network answer only if they are asked by name: --at HOST. "
    "On many ONVIF is to be switched on first, and some are set up by their own pages alone."
)


def _place(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, int] | None:
    from drivers.onvif_discovery import EVERYBODY

    if value is None:
        return None
    host, _, port = value.partition(":")
    if not host or (port and not (port.isdecimal() and 0 < int(port) < 65_536)):
        raise click.BadParameter("a name or an IPv4 address, such as 192.168.1.20")
    return host, int(port) if port else EVERYBODY[1]


@click.command("find", short_help="The network cameras that answer to ONVIF's discovery.")
@click.option("--at", callback=_place, metavar="HOST", help="Ask this one, which may be on another network.")
@click.option(
    "--wait", type=click.FloatRange(0.1, 60), default=3.0, show_default=True, help="For answers: seconds."
)
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each camera.")
def find(at: tuple[str, int] | None, wait: float, as_json: bool) -> None:
    """Ask the networks of this machine for cameras, by ONVIF's discovery, and show what answers.

    What a camera says of itself is shown as it says it; nothing is stored, and the cameras are not logged in
    to. The address of its streams is in the camera's own pages or its manual.
    """
    from drivers.onvif_discovery import EVERYBODY, NoNetwork, find_cameras

    count = 0
    try:
        for camera in find_cameras(wait, at or EVERYBODY):
            count += 1
            if as_json:
                click.echo(json.dumps(asdict(camera)))
            else:
                known = "  ".join(text for text in (camera.name, camera.hardware, camera.service) if text)
                click.echo(f"{camera.host:<15}  {known}")
    except (NoNetwork, OSError) as error:
        raise click.ClickException(getattr(error, "strerror", None) or str(error)) from error
    if not count:
        click.echo(NOBODY, err=True)
