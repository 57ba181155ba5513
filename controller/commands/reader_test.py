"""``unlocked reader test``: does the reader of a running door read a card, and how long is its number?"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option

if TYPE_CHECKING:
    from controller.ipc.reader_tests import ReaderTested

LOOK_S = 0.5


@click.command("test")
@click.option("--door", "door_id", metavar="ID", help="Whose reader; needed where there are several doors.")
@click.option("--reader", "reader_id", metavar="ID", help="Which; needed where the door has several.")
@config_option
def test(config: Path, door_id: str | None, reader_id: str | None) -> None:
    """Wait for a card at a reader of the running door, and say whether it was read. Never its number.

    The card is decided on as ever: a member's opens the door. After 30 seconds the test ends by itself.
    """
    from controller.commands.door import ask_door
    from controller.ipc import reader_tests

    named = {name: one for name, one in (("door", door_id), ("reader", reader_id)) if one is not None}
    ask_door(config, "reader-test", **named)
    click.echo(f"Hold a card to the reader within {reader_tests.TEST_S} seconds.")
    while True:
        tested = reader_tests.heard_in(ask_door(config, "reader-heard", **named))
        if tested is None:
            raise click.ClickException("the door's answer was not understood")
        if not tested.under_way:
            break
        time.sleep(LOOK_S)
    _tell(tested)


def _tell(tested: ReaderTested) -> None:
    from controller.ipc.reader_tests import Heard

    match tested.heard:
        case Heard.CARD:
            click.echo(f"read: {tested.characters} {'digits' if tested.digits else 'characters'}")
        case Heard.NOTHING:
            raise click.ClickException("nothing came; see to the reader's power and wires, and to its port")
        case Heard.PIECES:
            raise click.ClickException(
                f"{tested.bytes} bytes came and nothing whole among them; see `unlocked reader watch`"
            )
        case Heard.NOT_A_CARD | Heard.HALF_A_CARD:
            raise click.ClickException(
                "something came that is no card as [cards] and the reader's format have it;"
                " see `unlocked reader watch`"
            )
        case Heard.KEY:
            raise click.ClickException("keys of the keypad came, and no card")
