"""``unlocked who event``: whose card it was."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option, load_settings
from controller.commands.who.session import Session, refused, restricted, session, who_options

if TYPE_CHECKING:
    from controller.settings.model import Settings
    from controller.store.boxes import Box

RESTRICTED = (
    "the processing of this event is restricted: until that is lifted it is only stored, and named for "
    "the member's own request (subject_request) or a legal claim (legal_claim) alone"
)


@click.command("event", short_help="Whose card it was: the card number sealed in an event.")
@click.argument("event_id", metavar="ID")
@who_options
@config_option
def event(
    event_id: str,
    key_files: tuple[Path, ...],
    passphrase_file: Path | None,
    reason: str,
    need: str,
    approved: str | None,
    as_json: bool,
    config: Path,
) -> None:
    """Show the card number of the event ID, which `unlocked log --json` shows.

    For a supervisor whose training is in date, with the authority's key file and its passphrase. That it was
    asked for, and that it was opened, is journalled before the number is shown. The library management
    system says whose card it is. Exits with 3 if somebody must approve it first.
    """
    from controller.core.naming import Reason, Wanted
    from controller.secrets.credentials import SecretMissing
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    wanted = Wanted(Reason(reason), need, event_id)
    try:
        boxes = _boxes(settings, event_id)
        with session(settings, config, wanted, key_files, passphrase_file, approved) as opened:
            if opened is None:
                raise SystemExit(3)
            if event_id in restricted(settings, wanted.reason):
                refused(opened.journal, "restricted", wanted.data)
                raise click.ClickException(RESTRICTED)
            _show(opened, boxes, as_json=as_json)
    except (DatabaseUnusable, JournalUnavailable, SecretMissing) as error:
        raise click.ClickException(str(error)) from error


def _boxes(settings: Settings, event_id: str) -> list[Box]:
    """Raises ClickException where the event is not there, or has no card in it."""
    from controller.settings.paths import JOURNALS, Paths
    from controller.store.boxes import BoxReader
    from controller.store.journal_reader import JournalMissing, JournalReader

    there = False
    for service in JOURNALS:
        path = Paths.of(settings).journal(service)
        with closing(BoxReader(path)) as boxes, closing(JournalReader(path)) as events:
            try:
                found = [box for box in boxes.of_event(event_id) if box.field == "card"]
                there = there or events.find(event_id) is not None
            except JournalMissing:
                continue
        if found:
            return found
    if there:
        raise click.ClickException("no card is sealed in it: none was read, or it was a stranger's")
    raise click.ClickException("there is no such event, or it was destroyed when it was due")


def _show(opened: Session, boxes: list[Box], *, as_json: bool) -> None:
    from controller.secrets.identity import BoxNotOpened

    (box,) = boxes
    try:
        content = opened.keys.open(box)
    except BoxNotOpened as error:
        opened.opened(boxes=1, found=0, unreadable=1)
        raise click.ClickException(f"{error}: verify the journal") from error
    opened.opened(boxes=1, found=int(content is not None), unreadable=int(content is None))
    if content is None:
        raise click.ClickException(f"it is sealed to the key {box.key_id}; bring that one's file")
    card = content.decode()
    click.echo(json.dumps({"event": box.event.id, "card": card}) if as_json else card)
