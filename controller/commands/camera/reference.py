"""``unlocked camera reference``: what a camera usually shows and sends is learnt anew."""

from __future__ import annotations

from pathlib import Path

import click

from controller.commands.common import config_option, load_settings


@click.command(short_help="Learn anew what a camera usually shows and sends.")
@click.argument("camera_id", metavar="ID")
@config_option
def reference(camera_id: str, config: Path) -> None:
    """Learn anew what a camera usually shows and sends, once it looks where it should.

    Whatever it shows in the next ten minutes is what it will be expected to show, and likewise the first ten
    minutes by infrared light. It stands in the journal with the account of whoever asked.
    """
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType
    from controller.staff.account import account
    from controller.store.journal import JournalUnavailable

    settings = load_settings(config)
    ids = [camera.id for camera in settings.cameras]
    if camera_id not in ids:
        there = ", ".join(ids) or "none at all"
        raise click.UsageError(f"there is no camera {camera_id!r} in the settings, which have {there}")
    by = account()
    try:
        with staff_journal(settings) as journal:
            journal.record(EventType.CAMERA_REFERENCE_ASKED, camera_id, {"uid": by.uid, "user": by.user})
    except JournalUnavailable as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"camera {camera_id}: the recorder learns its view anew, from ten minutes of what it shows now; "
        "the journal says camera.reference_learnt when it has"
    )
