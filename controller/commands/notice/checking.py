"""``unlocked notice check``: is what was published still so, and may the recorder record?"""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.recorder.permission import Permission
    from controller.settings.model import Settings

DIFFERS, FORBIDDEN = 1, 3


@click.command("check")
@click.argument("document", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def check(document: Path | None, as_json: bool, config: Path) -> None:
    """Compare the published notice with profile and settings, as the recorder does when it starts.

    DOCUMENT: a copy of what stands on the website, to see whether it is what was published. Exits with 0 if
    all is as published, 1 if something differs, 2 if the settings cannot be used, 3 if nothing may be
    recorded.
    """
    settings = load_settings(config)
    found = asked(settings)
    copy = _copy(settings, document) if document is not None else None
    if as_json:
        said: dict[str, object] = {
            "may_record": found.may_record,
            "refusals": [{"cause": one.cause.value, "text": one.text} for one in found.refusals],
            "differences": [
                {
                    "key": one.key,
                    "laxer": one.laxer,
                    "notice": one.notice.value if one.notice else None,
                    "live": one.live.value if one.live else None,
                }
                for one in found.differences
            ],
            "hints": list(found.hints),
        }
        click.echo(json.dumps(said if document is None else {**said, "document": copy}))
    else:
        for refusal in found.refusals:
            click.echo(f"nothing is recorded: {refusal.text}")
        for hint in found.hints:
            click.echo(f"hint: {hint}")
        if document is not None:
            click.echo(f"{document}: {f'{copy}, as published' if copy else 'this was not published'}")
        if found.may_record and not found.differences:
            click.echo("profile and settings are as the recorder wants them")
    if not found.may_record:
        raise SystemExit(FORBIDDEN)
    raise SystemExit(DIFFERS if found.differences or (document is not None and not copy) else 0)


def asked(settings: Settings) -> Permission:
    """What the recorder would be told if it started now."""
    from zoneinfo import ZoneInfo

    from controller.recorder.permission import ask
    from controller.settings.paths import Paths
    from controller.store.journal_reader import JournalReader

    today = datetime.now(ZoneInfo(settings.branch.timezone)).date()
    with closing(JournalReader(Paths.of(settings).journal("console"))) as console:
        return ask(settings, console, today)


def _copy(settings: Settings, document: Path) -> str | None:
    """Which document of the published notice this is; None if it is none of them."""
    from controller.notice.published import Published
    from controller.recorder.permission import published_notice
    from controller.settings.paths import Paths
    from controller.store.journal_reader import JournalReader

    try:
        digest = sha256(document.read_bytes()).hexdigest()
    except OSError as error:
        raise click.ClickException(f"{document}: {error.strerror}") from error
    with closing(JournalReader(Paths.of(settings).journal("console"))) as console:
        published = published_notice(settings, console)
    if not isinstance(published, Published):
        return None
    return next((name for name, known in published.documents.items() if known == digest), None)
