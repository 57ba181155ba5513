"""The test cards of ``unlocked lms probe``: typed at prompts without being shown, or read from a file.

Never on the command line, which the shell keeps and everybody on the machine sees.
"""

from __future__ import annotations

import stat
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from controller.core.card import CardNumber
    from controller.core.pin import Pin
    from controller.membership.probe.trial import CardsToTry
    from controller.settings.model import Settings

ASKED_FOR = {
    "valid": "Card number of a valid member",
    "pin": "PIN of that card",
    "expired": "Card number that has expired",
    "blocked": "Card number that is blocked",
    "unknown": "Card number that nobody has",
}
"""The keys of the file, and what is asked for at a prompt. wrong_pin may be in the file as well."""


def cards_to_try(settings: Settings, file: Path | None) -> CardsToTry:
    """file: None to ask at the terminal. Raises click.ClickException, which repeats no card and no PIN."""
    if file is not None:
        return _checked(settings, _in(file), lambda key: f"{file}: {key}")
    if not at_terminal():
        raise click.ClickException(
            "there is no terminal to type card numbers at; write them into --cards FILE"
        )
    click.echo("Test cards. What is typed is not shown; Enter leaves one out.", err=True)
    given: dict[str, str] = {}
    for key, words in ASKED_FOR.items():
        if key != "pin" or given.get("valid"):
            given[key] = click.prompt(f"  {words}", hide_input=True, default="", show_default=False, err=True)
    return _checked(settings, given, lambda key: f"the {ASKED_FOR[key][0].lower()}{ASKED_FOR[key][1:]}")


def at_terminal() -> bool:
    return sys.stdin.isatty()


def _in(file: Path) -> dict[str, str]:
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise click.ClickException(f"{file}: others can read it; chmod 600 {file}")
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.ClickException(f"{file}: it cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # What is wrong with it is not repeated: it could be a card number.
        example = 'such as: valid = "12345678901234"'
        raise click.ClickException(f"{file}: it is no TOML; write a line for each card, {example}") from None
    known = [*ASKED_FOR, "wrong_pin"]
    for key, value in given.items():
        if key not in known:
            raise click.ClickException(f"{file}: there is a key that is not known; use {', '.join(known)}")
        if not isinstance(value, str):
            raise click.ClickException(f"{file}: {key}: put it in quotes")
    return given


def _checked(settings: Settings, given: dict[str, str], where: Callable[[str], str]) -> CardsToTry:
    from controller.core.card import NotACard, parse_card
    from controller.core.pin import NotAPin, Pin
    from controller.membership.probe.trial import CardsToTry
    from controller.settings.rules import card_rules

    rules = card_rules(settings.cards)

    def card(key: str) -> CardNumber | None:
        try:
            return parse_card(given[key].strip(), rules) if given.get(key) else None
        except NotACard as error:
            raise click.ClickException(f"{where(key)}: it is no card number of [cards]: {error}") from error

    def pin(key: str) -> Pin | None:
        try:
            return Pin(given[key].strip()) if given.get(key) else None
        except NotAPin as error:
            raise click.ClickException(f"{where(key)}: {error}") from error

    right, wrong = pin("pin"), pin("wrong_pin")
    cards = CardsToTry(
        card("valid"), right, wrong or _another(right), card("expired"), card("blocked"), card("unknown")
    )
    if cards == CardsToTry():
        raise click.ClickException("no test card was given; there is nothing to ask about")
    if cards.valid is None and right is not None:
        raise click.ClickException(f"{where('pin')}: it needs the valid card as well; give both, or neither")
    if right is not None and right == wrong:
        raise click.ClickException(
            f"{where('wrong_pin')}: it is the same as pin; give another, or leave it out"
        )
    return cards


def _another(pin: Pin | None) -> Pin | None:
    """As long, and different in each digit."""
    from controller.core.pin import Pin

    return None if pin is None else Pin("".join(str((int(digit) + 1) % 10) for digit in pin.reveal()))
