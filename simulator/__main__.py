"""``python -m simulator``: the simulator's command."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from simulator.branch import Plan
from simulator.broker import Kind
from simulator.card_formats import LINE, TYPES
from simulator.demo import SCENARIOS, demo, run
from simulator.lms.recorded import DIALECTS
from simulator.lms.system import Lms
from simulator.scenario import ScenarioError, load_scenario

BROKERS: dict[str, Kind | Literal["any"] | None] = {
    "any": "any",
    "mosquitto": "mosquitto",
    "amqtt": "amqtt",
    "none": None,
}

REST = "koha-rest"

keep = click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave the branch's files in this folder; otherwise nothing is left.",
)
broker = click.option(
    "--broker",
    type=click.Choice(list(BROKERS)),
    default="any",
    show_default=True,
    help="Which MQTT broker; any takes Mosquitto where it is installed, else amqtt.",
)
reader = click.option(
    "--reader",
    type=click.Choice(list(TYPES)),
    default=LINE.name,
    show_default=True,
    help="Which type of card reader.",
)
lms = click.option(
    "--lms",
    type=click.Choice([*DIALECTS, REST]),
    default="koha",
    show_default=True,
    help="Which library management system is asked over SIP2; koha-rest is asked over Koha's REST API.",
)
camera = click.option("--camera/--no-camera", default=True, help="With or without a camera.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """A library branch that does not exist: its hardware is simulated, its services are the real ones."""


@main.command("demo")
@click.argument("scenario", type=click.Path(path_type=Path), default=SCENARIOS / "evening.yaml")
@keep
@broker
@camera
@reader
@lms
def demo_command(scenario: Path, keep: Path | None, broker: str, camera: bool, reader: str, lms: str) -> None:
    """Play an evening (or the SCENARIO of a YAML file) and say whether all was as expected."""
    try:
        loaded = load_scenario(scenario)
    except ScenarioError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(demo(loaded, _plan(broker, camera, reader, lms), keep))


@main.command("run")
@keep
@broker
@camera
@reader
@lms
def run_command(keep: Path | None, broker: str, camera: bool, reader: str, lms: str) -> None:
    """Run the same branch until Ctrl-C; type what shall happen there."""
    sys.exit(run(replace(_plan(broker, camera, reader, lms), pages=True), keep))


def _plan(broker: str, camera: bool, reader: str, lms: str) -> Plan:
    asked = Lms("koha") if lms == REST else Lms(dialect=lms)
    return Plan(readers=((TYPES[reader],),), broker=BROKERS[broker], camera=camera, lms=asked)


if __name__ == "__main__":
    main()
