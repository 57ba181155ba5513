"""``unlocked notice show`` and ``write``: the documents, on the terminal or as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option
from controller.commands.policy.which import find

if TYPE_CHECKING:
    from controller.notice.rendering import Document
    from controller.settings.model import Settings
    from controller.settings.policy.profile import Profile

FORMATS = {"text": "notice.txt", "html": "notice.html", "sign": "sign.html"}


def branch_and_profile(config: Path) -> tuple[Settings, Profile]:
    """Ends the command with exit code 2 where either cannot be used."""
    found = find(None, config)
    assert found.settings is not None
    return found.settings, found.profile


def documents(settings: Settings, profile: Profile) -> Mapping[str, Document]:
    """The notice as the branch is now, by name of the document."""
    from controller.notice.rendering import render
    from controller.notice.wording import content_of

    return render(content_of(settings, profile))


@click.command("show")
@click.option("--format", "wanted", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The facts of the notice, one line of JSON.")
@config_option
def show(wanted: str, as_json: bool, config: Path) -> None:
    """Print the notice as plain text, as a web page, or as the sign for the door.

    Exits with 2 if settings or profile cannot be used.
    """
    from controller.core.notice import to_json
    from controller.notice.facts import facts_of

    settings, profile = branch_and_profile(config)
    if as_json:
        click.echo(json.dumps(to_json(facts_of(settings, profile))))
        return
    # What is redirected into a file has the very bytes that are hashed.
    click.echo(documents(settings, profile)[FORMATS[wanted]].text, nl=False)


@click.command("write")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def write(folder: Path, as_json: bool, config: Path) -> None:
    """Write notice.html, notice.txt and sign.html into FOLDER, and show the SHA-256 of each.

    Put the first on the website, print the last for the door, then say so with `unlocked notice publish`.
    Exits with 1 if they cannot be written, 2 if settings or profile cannot be used.
    """
    settings, profile = branch_and_profile(config)
    made = documents(settings, profile)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for document in made.values():
            (folder / document.name).write_text(document.text, encoding="utf-8", newline="")
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    show_documents(made, as_json=as_json)


def show_documents(made: Mapping[str, Document], *, as_json: bool, **more: object) -> None:
    """As ``sha256sum`` shows them."""
    if as_json:
        hashes = {name: document.sha256 for name, document in made.items()}
        click.echo(json.dumps({"documents": hashes, **more}))
        return
    for name, document in made.items():
        click.echo(f"{document.sha256}  {name}")
