"""A feed's folder, its files and the real memberships; what is journalled is kept in a list."""

from __future__ import annotations

import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from controller.core.event import EventType
from controller.membership.feed import folder_place, inbox, snapshot
from controller.membership.feed.folder_place import FolderPlace
from controller.membership.feed.importer import Importer
from controller.membership.feed.place import SIGNATURE_WAIT_US

if TYPE_CHECKING:
    from conftest import Rig

HEADER = "card_number,status,induction,granted_from,expires\n"
SIX, SEVEN, EIGHT = (datetime(2025, 11, 22, hour, tzinfo=UTC) for hour in (6, 7, 8))
IMPORTED, REFUSED = EventType.MEMBERSHIP_IMPORTED, EventType.MEMBERSHIP_FEED_REFUSED


def stamped(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def test_files_are_imported_in_order_of_their_times_and_deleted(rig: Rig) -> None:
    rig.delta(SEVEN, EIGHT, 0)
    rig.full(SIX, 5)
    rig.delta(SIX, SEVEN, 2, 3)
    assert not rig.look()
    assert rig.known() == [1, 4]
    assert rig.left() == []
    assert rig.journal.types() == [IMPORTED] * 3
    assert [data["kind"] for _, data in rig.journal.events] == ["full", "delta", "delta"]
    assert "members-" not in repr(rig.journal.events)


def test_what_may_still_grow_and_what_is_no_feed_is_left(rig: Rig) -> None:
    file = rig.full(SIX, 5)
    others = ["members.csv", f"{file.name}.part", f".{file.name}.Xy12", f"{file.name}.refused.old", "README"]
    for other in others:
        (rig.feed / other).write_text("anything")
    assert rig.look(later_us=0)
    assert rig.known() == []
    assert not rig.look(later_us=31_000_000)
    assert rig.known() == [0, 1, 2, 3, 4]
    assert rig.left() == sorted(others)


def test_a_refused_file_is_renamed_and_never_looked_at_again(rig: Rig) -> None:
    rig.full(SIX, 5)
    rig.look()
    bad = rig.full(SEVEN, 5)
    bad.write_text(bad.read_text() + "2589100033,active,,,2099-12-31\n")
    for _ in range(3):
        rig.look()
    assert rig.left() == [f"{bad.name}.refused"]
    assert rig.journal.events[1:] == [(REFUSED, {"reason": "bad_value", "line": 7, "column": "card_number"})]
    assert rig.known() == [0, 1, 2, 3, 4]
    week_us = 7 * 24 * 3_600_000_000
    rig.look(week_us - 60_000_000)
    assert rig.left() == [f"{bad.name}.refused"]
    rig.look(week_us + 60_000_000)
    assert rig.left() == []


def test_each_fault_has_its_reason(rig: Rig) -> None:
    rig.full(SEVEN, 8)
    rig.look()
    rig.full(SIX, 8)
    rig.look()
    rig.delta(EIGHT, EIGHT.replace(hour=9))
    rig.look()
    rig.full(EIGHT, 3)
    rig.look()
    rig.full(SEVEN, 8, "pupils")
    rig.look()
    (rig.feed / "members-full-20251399T060000Z.csv").write_text(HEADER)
    rig.look()
    rig.full(datetime(2125, 1, 1, tzinfo=UTC), 8)
    rig.look()
    assert rig.journal.reasons() == ["older", "gap", "shrunk", "older", "bad_name", "from_the_future"]
    assert len(rig.known()) == 8


def test_a_file_that_was_overtaken_is_a_warning_in_a_feed_s_own_words(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig.full(SEVEN, 8)
    rig.look()
    file = rig.full(SIX, 8)
    rig.look()
    words = f"feed: {file.name} came too late and is left out: the memberships there are are newer"
    assert [(told.levelname, told.getMessage()) for told in caplog.records] == [("WARNING", words)]


def test_a_clock_a_little_ahead_is_waited_for(rig: Rig) -> None:
    soon = datetime.now(UTC).replace(microsecond=0).timestamp() + 1800
    rig.full(datetime.fromtimestamp(soon, UTC), 3)
    assert rig.look()
    assert rig.left()
    rig.look(1_900_000_000)
    assert rig.known() == [0, 1, 2]


def test_while_the_clock_is_not_trusted_nothing_happens(rig: Rig) -> None:
    rig.full(SIX, 5)
    assert not rig.look(trusted=False)
    assert (rig.known(), len(rig.left())) == ([], 1)


def test_nothing_is_followed_out_of_the_folder(rig: Rig, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    shutil.move(rig.full(SIX, 5), outside)
    names = [f"{name}-full-{stamped(SIX)}.csv" for name in ("link", "fifo", "folder", "hard", "dangling")]
    (rig.feed / names[0]).symlink_to(outside)
    os.mkfifo(rig.feed / names[1])
    (rig.feed / names[2]).mkdir()
    (rig.feed / names[3]).hardlink_to(outside)
    (rig.feed / names[4]).symlink_to("nowhere")
    rig.look()
    assert rig.known() == []
    assert rig.journal.reasons() == ["not_a_file"] * 5
    assert rig.left() == sorted(f"{name}.refused" for name in names)
    assert outside.read_text().startswith(HEADER)


@pytest.mark.skipif(os.geteuid() != 0, reason="files of others can be made by root only")
def test_somebody_else_s_file_is_none_of_the_feed(rig: Rig) -> None:
    os.chown(rig.full(SIX, 5), 4242, -1)
    rig.look()
    assert rig.journal.reasons() == ["not_a_file"]
    os.chown(rig.feed, 4242, -1)
    os.chown(rig.full(SEVEN, 5), 4242, -1)
    rig.look()
    assert rig.known() == [0, 1, 2, 3, 4]


def test_a_file_that_becomes_a_link_between_two_looks_is_not_followed(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = rig.full(SIX, 5)
    outside = tmp_path / "outside.csv"
    outside.write_bytes(file.read_bytes())
    place = FolderPlace(rig.feed, rig.path.parent)
    (offer,) = place.look(time.time_ns() // 1000 + 60_000_000).files
    file.unlink()
    file.symlink_to(outside)
    with pytest.raises(OSError, match="symbolic links"):
        place.take(offer)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(folder_place.BadFile):
        place.take(offer)


@pytest.mark.parametrize("how", ["written anew", "grown", "hard link", "another file"])
def test_what_is_no_longer_the_file_that_was_looked_at_waits(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The import of the file before it takes minutes, in which this one is being sent again."""
    rig.full(SIX, 3)
    file = rig.full(SEVEN, 5)
    outside = tmp_path / "outside.csv"
    outside.write_bytes(file.read_bytes().replace(b"active", b"suspended"))
    bring_in = Importer.bring_in

    def changes(importer: Importer, *arguments: object, **options: object) -> object:
        monkeypatch.setattr(Importer, "bring_in", bring_in)
        match how:
            case "written anew":
                file.write_text(HEADER + "".join(file.read_text().splitlines(keepends=True)[1:4]))
            case "grown":
                with file.open("a") as more:
                    more.write("half a l")
            case "hard link":
                file.unlink()
                file.hardlink_to(outside)
            case _:
                outside.replace(file)
        return bring_in(importer, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Importer, "bring_in", changes)
    assert rig.look()
    assert rig.known() == [0, 1, 2]
    assert rig.left() == [file.name]
    assert rig.journal.types() == [IMPORTED]


def test_nor_is_one_that_changes_while_it_is_copied(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    file = rig.full(SIX, 5)
    taken = snapshot.taken

    def changes(*arguments: object) -> object:
        copy = taken(*arguments)  # type: ignore[arg-type]
        with file.open("a") as more:
            more.write("half a l")
        return copy

    monkeypatch.setattr(snapshot, "taken", changes)
    assert rig.look()
    assert rig.known() == []
    assert rig.journal.events == []


def test_changes_wait_for_the_file_before_them_that_is_still_being_sent(rig: Rig) -> None:
    rig.delta(SIX, SEVEN, 1)
    grown = time.time() + 3600
    os.utime(rig.full(SIX, 3), (grown, grown))
    assert rig.look()
    assert rig.journal.events == []
    assert not rig.look(3_700_000_000)
    assert rig.known() == [0, 2]
    rig.delta(EIGHT, EIGHT + timedelta(hours=1), 2)
    rig.look()
    assert rig.journal.reasons() == ["gap"], "nothing more is coming"


def test_unsigned_files_wait_for_their_signature_and_not_for_ever(rig: Rig) -> None:
    rig.make_key()
    late, never = rig.full(SIX, 5), rig.full(SEVEN, 5)
    assert rig.look()
    assert rig.known() == []
    rig.sign(late)
    rig.look()
    assert rig.known() == [0, 1, 2, 3, 4]
    rig.look(SIGNATURE_WAIT_US + 60_000_000)
    assert rig.journal.reasons() == ["unsigned"]
    assert rig.left() == [f"{never.name}.refused"]


def test_what_is_signed_and_then_changed_or_renamed_is_refused(rig: Rig) -> None:
    rig.make_key()
    changed, renamed = rig.full(SIX, 5), rig.full(SEVEN, 5)
    rig.sign(changed)
    rig.sign(renamed)
    changed.write_text(changed.read_text().replace("active", "suspended"))
    later = renamed.rename(rig.feed / renamed.name.replace("T07", "T08"))
    (rig.feed / f"{renamed.name}.minisig").rename(rig.feed / f"{later.name}.minisig")
    rig.look()
    assert rig.journal.reasons() == ["bad_signature", "bad_signature"]
    assert rig.known() == []


def test_what_is_changed_while_it_is_read_is_read_as_it_was_signed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.make_key()
    file = rig.full(SIX, 5)
    rig.sign(file)
    check = inbox.signed.check

    def checked_and_then_changed(*arguments: object, **options: object) -> None:
        check(*arguments, **options)  # type: ignore[arg-type]
        file.write_text(file.read_text().replace(f"{1:014d}", f"{9:014d}"))

    monkeypatch.setattr(inbox.signed, "check", checked_and_then_changed)
    rig.look()
    assert rig.known() == [0, 1, 2, 3, 4]


def test_a_folder_that_is_away_is_told_once(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    away = rig.feed.rename(rig.feed.with_name("away"))
    rig.look()
    rig.look()
    assert caplog.text.count("No such file or directory") == 1
    rig.feed.symlink_to(away)
    rig.look()
    assert "usable again" not in caplog.text, "a link is not followed"


def test_a_million_names_are_no_feed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_place, "MOST", 3)
    for n in range(9):
        rig.delta(SIX, SEVEN.replace(minute=n), 1)
    rig.look()
    assert len([name for name in rig.left() if name.endswith(".refused")]) == 3
