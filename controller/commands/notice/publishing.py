"""``unlocked notice publish``: people have been told; from now on the branch is held to it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import config_option
from controller.commands.notice.making import branch_and_profile, documents, show_documents
from controller.settings.staff import Role
from controller.staff import roles

if TYPE_CHECKING:
    from controller.notice.published import Published
    from controller.settings.paths import Paths

MAY_PUBLISH = frozenset({Role.DPO, Role.SUPERVISOR})
OF_THE_PROFILE = frozenset({"id", "status", "review_on"})
"""Facts that say how far the authority is with it, and nothing of what is done."""


@click.command("publish")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
@config_option
def publish(as_json: bool, config: Path) -> None:
    """Say that the notice, as `unlocked notice write` makes it now, is on the website and at the door.

    Needs the role dpo or supervisor. It is journalled, its SHA-256 goes out over MQTT, and whenever the
    recorder starts it compares its settings with what was published. A notice with other words than the one
    before needs another date (notice.dated in the profile). Exits with 1 if it was not published, 2 if
    settings or profile cannot be used.
    """
    from controller.commands.staff_journal import staff_journal
    from controller.core.event import EventType, JsonValue
    from controller.notice.facts import facts_of
    from controller.notice.published import Published, put_in_place, stage
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseUnusable
    from controller.store.journal import JournalUnavailable

    settings, profile = branch_and_profile(config)
    paths, made = Paths.of(settings), documents(settings, profile)
    hashes = {name: document.sha256 for name, document in made.items()}
    try:
        with staff_journal(settings) as journal:
            now = journal.now()
            who = roles.check(settings, MAY_PUBLISH, now, config)
            if not now.clock_trusted:
                raise click.ClickException("the clock is not set: nobody would know when this was published")
            published = Published(facts_of(settings, profile), hashes, profile.sha256, now.wall_us)
            _refuse_the_same_date(paths, published, profile.origin.file)
            staged = stage(paths.notice, published)
            data: dict[str, JsonValue] = {"notice": published.sha256, "policy": profile.sha256, **who.data}
            journal.record(EventType.NOTICE_PUBLISHED, "notice", {**data, "documents": {**hashes}})
            put_in_place(staged, paths.notice)
    except (DatabaseUnusable, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}; publish it again") from error
    show_documents(made, as_json=as_json, notice=published.sha256)
    if not as_json:
        click.echo("published; the recorder goes by it from its next start")
        if not profile.live:
            click.echo("the profile is a draft: `unlocked policy check` says what is left", err=True)


def _refuse_the_same_date(paths: Paths, published: Published, profile: Path) -> None:
    """People who read it before must be able to see that it is another."""
    from controller.core.notice import compare
    from controller.notice.published import NoticeUnreadable, journalled, read
    from controller.store.journal_reader import JournalReader

    with closing(JournalReader(paths.journal("console"))) as reader:
        try:
            before = read(paths.notice, journalled(reader))
        except NoticeUnreadable:
            return  # whatever it said, this one takes its place
    if before is None or _dated(before) != _dated(published):
        return
    if {difference.key for difference in compare(before.facts, published.facts)} - OF_THE_PROFILE:
        raise click.ClickException(
            f"{profile}: notice.dated: this notice differs from the one that was published, and has the same "
            f"date, {_dated(published) or 'none'}; set the date of the change"
        )


def _dated(published: Published) -> str:
    fact = published.facts.get("notice.dated")
    return str(fact.value) if fact else ""
