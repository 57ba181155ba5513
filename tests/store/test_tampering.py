"""What somebody with the file in their hands can do, and what is said of it.

The attacker can compute hashes, drop triggers, and may have stolen the journal's key. The witness has some of
the heads that were signed before.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core import chain
from controller.core.event import EventType, NewEvent, Stamp
from controller.core.hold import DAY_US
from controller.core.journal_head import JournalHead
from controller.core.proof import Known, Verdict
from controller.secrets.journal_key import JournalKey
from controller.secrets.signed_note import BadSignature, Note
from controller.store.journal import Journal
from controller.store.journal_links import Boxes, links
from controller.store.signed_heads import Signing
from controller.store.verification import Heads, Verification
from controller.store.verify import verify

MakeEvent = Callable[..., NewEvent]
NOW = Stamp(1_795_219_200_000_000, 1, "boot-1", True)
KEY = JournalKey.generate("org", "branch", "door")
EVENTS, SIGNED_AT = 12, (5, 8, 10)


class Box:
    key_id = "0123abcd"

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        return info + plaintext


def own(note: str) -> tuple[JournalHead, bool]:
    """As the command does it, with the journal's key."""
    parsed = Note.parse(note.encode())
    try:
        assert parsed.signers([KEY.public])
    except BadSignature as error:
        raise ValueError(str(error)) from error
    return JournalHead.parse(parsed.text), True


class Branch:
    """A door's journal of twelve events; of the fourth a field is sealed. Heads are signed at 5, 8 and 10."""

    def __init__(self, path: Path, make_event: MakeEvent) -> None:
        self.path = path
        self.make_event = make_event
        self.witness: list[JournalHead] = []
        self.write(range(1, EVENTS + 1))

    def write(self, numbers: range) -> None:
        signing = Signing(KEY, lambda: NOW)
        journal = Journal.open(self.path, service="door", stamp=NOW, seal=Box(), signing=signing)
        for n in numbers:
            private = {"card": b"1234"} if n == 4 else {}
            journal.append([self.make_event(n, data={"n": n}, private=private)])
            if n in SIGNED_AT:
                journal.sign_head(at_once=True)
        journal._heads = None  # it does not sign its end
        journal.close()

    def witnessed(self) -> list[JournalHead]:
        with sqlite3.connect(self.path) as connection:
            notes = connection.execute("SELECT note FROM signed_head ORDER BY seq").fetchall()
        connection.close()
        return [own(note)[0] for (note,) in notes]

    def verify(self, witnessed: list[JournalHead] | None = None, *, service: str = "door") -> Verification:
        return verify(self.path, heads=Heads(witnessed or [], own, service))

    def tamper(self, *statements: str) -> None:
        connection = sqlite3.connect(self.path)
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        for (trigger,) in connection.execute(query).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    def chain_anew(self) -> None:
        """Every leaf and head again, from the rows as they are now."""
        self.tamper()
        connection = sqlite3.connect(self.path)
        (journal_id,) = connection.execute("SELECT id FROM journal").fetchone()
        head, boxes = chain.first_head(journal_id), Boxes(connection)
        for link in list(links(connection)):
            leaf = link.leaf
            if link.event_seq is not None:
                sealed = {field: box for field, box in boxes.of(link.seq).items() if box is not None}
                leaf = chain.leaf(link.event(), sealed)
            head = chain.head(head, leaf)
            connection.execute("UPDATE chain SET leaf = ?, head = ? WHERE seq = ?", (leaf, head, link.seq))
        connection.commit()
        connection.close()

    def sign_anew(self) -> None:
        """Its own heads as well, with the stolen key."""
        connection = sqlite3.connect(self.path)
        (journal_id,) = connection.execute("SELECT id FROM journal").fetchone()
        last = connection.execute("SELECT max(seq) FROM chain").fetchone()[0]
        connection.execute("DELETE FROM signed_head WHERE seq > ?", (last,))
        for (seq,) in connection.execute("SELECT seq FROM signed_head").fetchall():
            (head,) = connection.execute("SELECT head FROM chain WHERE seq = ?", (seq,)).fetchone()
            note = KEY.note(journal_id, seq, head, NOW)
            connection.execute("UPDATE signed_head SET note = ? WHERE seq = ?", (note, seq))
        connection.commit()
        connection.close()


@pytest.fixture
def branch(tmp_path: Path, make_event: MakeEvent) -> Branch:
    return Branch(tmp_path / "journal.db", make_event)


EDIT = ("UPDATE event SET subject = 'back' WHERE seq = 3",)
INSERT = (
    "UPDATE sealed SET seq = -seq - 1 WHERE seq >= 3",
    "UPDATE sealed SET seq = -seq WHERE seq < 0",
    "UPDATE event SET seq = -seq - 1 WHERE seq >= 3",
    "UPDATE event SET seq = -seq WHERE seq < 0",
    "INSERT INTO event VALUES (3, '019aa700-0000-7aaa-8bbb-000000000001', 'door.opened', 1795219202000000, 1,"
    " 'boot-1', 1, 'front', '{}')",
    f"INSERT INTO chain SELECT {EVENTS + 1}, leaf, head FROM chain WHERE seq = 1",
)
DELETE = ("DELETE FROM event WHERE seq = 3",)
DELETE_AND_CLOSE_UP = (
    "DELETE FROM event WHERE seq = 3",
    "UPDATE sealed SET seq = seq - 1 WHERE seq > 3",
    "UPDATE event SET seq = seq - 1 WHERE seq > 3",
    "DELETE FROM signed_head WHERE seq > 11",
    f"DELETE FROM chain WHERE seq = {EVENTS}",
)
REORDER = (
    "UPDATE event SET seq = -2 WHERE seq = 2",
    "UPDATE event SET seq = 2 WHERE seq = 3",
    "UPDATE event SET seq = 3 WHERE seq = -2",
)


@pytest.mark.parametrize(
    ("statements", "verdict", "at"),
    [
        pytest.param(EDIT, Verdict.ALTERED, 3, id="edit"),
        pytest.param(INSERT, Verdict.ALTERED, 3, id="insert"),
        pytest.param(DELETE, Verdict.UNEXPLAINED_GAP, 3, id="delete"),
        pytest.param(
            (*DELETE, "DELETE FROM chain WHERE seq = 3"), Verdict.UNEXPLAINED_GAP, 3, id="with its link"
        ),
        pytest.param(DELETE_AND_CLOSE_UP, Verdict.ALTERED, 3, id="delete and close up"),
        pytest.param(REORDER, Verdict.ALTERED, 2, id="reorder"),
        pytest.param(("UPDATE sealed SET box = NULL",), Verdict.UNEXPLAINED_ERASURE, 4, id="erase a value"),
        pytest.param(("UPDATE sealed SET box = x'00'",), Verdict.ALTERED, 4, id="exchange a value"),
    ],
)
@pytest.mark.parametrize("has_witness", [False, True])
def test_a_chain_that_was_left_as_it_was_shows_it(
    branch: Branch, statements: tuple[str, ...], verdict: Verdict, at: int, *, has_witness: bool
) -> None:
    witnessed = branch.witnessed() if has_witness else []
    branch.tamper(*statements)
    found = branch.verify(witnessed)
    assert (found.verdict, found.at_seq) == (verdict, at)
    assert not found.ok


@pytest.mark.parametrize("statements", [EDIT, INSERT, DELETE_AND_CLOSE_UP, REORDER])
def test_a_chain_that_was_computed_anew_is_not_the_one_that_was_signed(
    branch: Branch, statements: tuple[str, ...]
) -> None:
    branch.tamper(*statements)
    branch.chain_anew()
    found = branch.verify()
    assert (found.verdict, found.at_seq) == (Verdict.FORK, 5), "its own heads still say otherwise"


@pytest.mark.parametrize("statements", [EDIT, INSERT, DELETE_AND_CLOSE_UP, REORDER])
def test_with_the_stolen_key_only_a_witness_shows_it(branch: Branch, statements: tuple[str, ...]) -> None:
    witnessed = branch.witnessed()
    branch.tamper(*statements)
    branch.chain_anew()
    branch.sign_anew()
    alone = branch.verify()
    assert alone.ok
    assert "that it was written anew" in alone.cannot_exclude[0]
    found = branch.verify(witnessed)
    assert (found.verdict, found.at_seq) == (Verdict.FORK, 5)
    later = branch.verify([head for head in witnessed if head.seq == 8])
    assert (later.verdict, later.at_seq) == (Verdict.FORK, 8), "where the witness has one"


def test_what_came_after_the_last_head_of_the_witness_is_not_proved(branch: Branch) -> None:
    witnessed = branch.witnessed()
    branch.tamper("UPDATE event SET subject = 'back' WHERE seq = 11")
    branch.chain_anew()
    found = branch.verify(witnessed)
    assert (found.ok, found.witnessed_seq, found.last_seq) == (True, 10, 12)
    assert "that what came after 10 was written anew or cut off" in found.cannot_exclude[0]


def test_an_untouched_journal_is_proved_as_far_as_the_witness_goes(branch: Branch) -> None:
    found = branch.verify([head for head in branch.witnessed() if head.seq == 8])
    assert (found.ok, found.verdict, found.witnessed_seq, found.own_seq) == (True, Verdict.OK, 8, 10)
    assert found.events == EVENTS


CUT = (
    "DELETE FROM sealed WHERE seq > 7",
    "DELETE FROM event WHERE seq > 7",
    "DELETE FROM chain WHERE seq > 7",
)
FORGET = "DELETE FROM signed_head WHERE seq > 7"


def test_an_end_that_was_cut_off(branch: Branch) -> None:
    witnessed = branch.witnessed()
    branch.tamper(*CUT)
    kept = branch.verify()
    assert (kept.verdict, kept.at_seq) == (Verdict.ROLLBACK, 8), "a head of its own was forgotten there"
    branch.tamper(FORGET)
    alone = branch.verify()
    assert alone.ok
    assert "cut off at its end" in alone.cannot_exclude[0]
    found = branch.verify(witnessed)
    assert (found.verdict, found.at_seq) == (Verdict.ROLLBACK, 8)
    assert "went on to 10" in str(found.fault)


def test_a_file_that_was_put_back_to_an_earlier_state(branch: Branch, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.db"
    shutil.copy(branch.path, earlier)
    branch.write(range(13, 20))
    with sqlite3.connect(branch.path) as connection:
        (head,) = connection.execute("SELECT head FROM chain WHERE seq = 19").fetchone()
    connection.close()
    journal_id = branch.witnessed()[0].journal_id
    newest = JournalHead("org/branch/door", journal_id, 19, head, NOW.wall_us, True)
    shutil.copy(earlier, branch.path)
    assert branch.verify().ok
    found = branch.verify([newest])
    assert (found.verdict, found.at_seq) == (Verdict.ROLLBACK, 13)
    branch.write(range(20, 30))
    found = branch.verify([newest])
    assert (found.verdict, found.at_seq) == (Verdict.FORK, 19), "it went on differently from there"


def test_a_backup_that_was_put_back_is_a_rollback_that_is_explained(branch: Branch, tmp_path: Path) -> None:
    """Whoever can write to the journal can say so too: it is never OK to the witness of what is lost."""
    earlier = tmp_path / "earlier.db"
    shutil.copy(branch.path, earlier)
    branch.write(range(13, 20))
    with sqlite3.connect(branch.path) as connection:
        (head,) = connection.execute("SELECT head FROM chain WHERE seq = 19").fetchone()
    connection.close()
    journal_id = branch.witnessed()[0].journal_id
    lost = JournalHead("org/branch/door", journal_id, 19, head, NOW.wall_us, True)
    shutil.copy(earlier, branch.path)
    restored_us = NOW.wall_us + DAY_US
    journal = Journal.open(branch.path, service="door", stamp=NOW)
    journal.append([NewEvent(EventType.JOURNAL_RESTORED, "door", replace(NOW, wall_us=restored_us))])
    journal.close()
    for more in (range(14, 15), range(15, 30)):
        branch.write(more)
        found = branch.verify([lost])
        assert (found.verdict, found.at_seq) == (Verdict.ROLLBACK, 13)
        assert "a backup was put back here" in str(found.fault)
        assert branch.verify().ok
    # It explains nothing that was signed afterwards, and hides nothing else.
    later = replace(lost, wall_us=restored_us + 1)
    assert branch.verify([lost, later]).verdict is Verdict.FORK
    branch.tamper("UPDATE event SET subject = 'back' WHERE seq = 16")
    assert (branch.verify([lost]).verdict, branch.verify([lost]).at_seq) == (Verdict.ALTERED, 16)


def test_a_new_journal_in_its_place(branch: Branch) -> None:
    witnessed = branch.witnessed()
    branch.path.unlink()
    branch.write(range(1, 30))
    assert branch.verify().ok
    found = branch.verify(witnessed)
    assert (found.verdict, found.at_seq) == (Verdict.ROLLBACK, 1)
    by_itself = branch.verify(witnessed, service="")
    assert by_itself.ok, "a file by itself need not be the present one"
    assert witnessed[0].journal_id in " ".join(by_itself.cannot_exclude)


def test_an_older_journal_in_place_of_a_newer(branch: Branch, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(branch.path, older)
    branch.path.unlink()
    branch.write(range(1, 12))
    witnessed = branch.witnessed()
    shutil.copy(older, branch.path)
    newer = [
        JournalHead("org/branch/door", f"f{head.journal_id[1:]}", 1, head.head, 1, True) for head in witnessed
    ]
    assert branch.verify(newer).verdict is Verdict.ROLLBACK


def test_a_journal_that_begins_anew_after_damage_says_so(branch: Branch) -> None:
    witnessed = branch.witnessed()
    with branch.path.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"\xff" * 4096)
    branch.write(range(13, 15))
    found = branch.verify(witnessed)
    assert found.ok
    assert f"anything of the journal {witnessed[0].journal_id}, of which a head was signed at 10" in " ".join(
        found.cannot_exclude
    )


def test_a_head_of_its_own_that_was_changed(branch: Branch) -> None:
    branch.tamper("UPDATE signed_head SET note = replace(note, '\n8\n', '\n9\n') WHERE seq = 8")
    found = branch.verify()
    assert (found.verdict, found.at_seq) == (Verdict.ALTERED, 8)


def test_of_several_things_the_first_is_said(branch: Branch) -> None:
    witnessed = branch.witnessed()
    branch.tamper(*DELETE, "UPDATE event SET subject = 'back' WHERE seq = 2", "UPDATE sealed SET box = NULL")
    assert (branch.verify(witnessed).verdict, branch.verify().at_seq) == (Verdict.ALTERED, 2)


def test_two_heads_of_one_moment_that_differ_are_a_fork_by_themselves(branch: Branch) -> None:
    witnessed = branch.witnessed()
    other = JournalHead("org/branch/door", witnessed[0].journal_id, 5, bytes(32), NOW.wall_us, True)
    assert branch.verify([witnessed[0], other]).verdict is Verdict.FORK


def test_a_certificate_may_not_cover_the_certificate_that_it_needs(branch: Branch) -> None:
    """Who destroys a certificate uncovers what it covered."""
    journal = Journal.open(branch.path, service="door", stamp=NOW)
    for seqs in ([[1, 3]], [[13, 13]]):
        data = {"category": "access_events", "event_seqs": seqs}
        journal.append([branch.make_event(13, type=EventType.DISPOSAL_CERTIFICATE, data=data)])
    journal.close()
    branch.tamper("DELETE FROM event WHERE seq <= 3")
    assert branch.verify().ok
    branch.tamper("DELETE FROM event WHERE seq = 13")
    found = branch.verify()
    assert (found.verdict, found.at_seq) == (Verdict.UNEXPLAINED_GAP, 1)


# --- forged certificates, and files that are no journals ---


def certify(branch: Branch, category: str, **data: object) -> None:
    journal = Journal.open(branch.path, service="door", stamp=NOW)
    said = {"category": category, "policy": "", **data}
    journal.append([branch.make_event(13, type=EventType.DISPOSAL_CERTIFICATE, data=said)])
    journal.close()


def test_a_certificate_of_something_else_covers_no_events_of_a_door(branch: Branch) -> None:
    """Or a shorter rule, and holds of other things, would be what it is judged by."""
    certify(branch, "device_events", event_seqs=[[1, 3]])
    branch.tamper("DELETE FROM event WHERE seq <= 3")
    found = branch.verify()
    assert (found.verdict, found.at_seq) == (Verdict.UNEXPLAINED_GAP, 1)


def test_a_sealed_value_is_not_due_before_its_event(branch: Branch) -> None:
    certify(branch, "access_events", box_seqs=[[4, 4]])
    branch.tamper("UPDATE sealed SET box = NULL WHERE seq = 4")
    rules = {("", "access_events"): lambda event_us: event_us + 90 * DAY_US}
    found = verify(branch.path, heads=Heads((), own, "door"), known=Known(rules, ()))
    assert (found.verdict, found.at_seq) == (Verdict.PREMATURE, 4)


@pytest.mark.parametrize(
    ("what", "change", "verdict"),
    [
        ("box_seqs", "UPDATE sealed SET box = NULL WHERE seq = 4", Verdict.OK),
        ("event_seqs", "DELETE FROM event WHERE seq = 4", Verdict.PREMATURE),
    ],
)
def test_a_branch_that_closes_excuses_sealed_values_and_no_events(
    branch: Branch, what: str, change: str, verdict: Verdict
) -> None:
    certify(branch, "access_events", basis="decommissioned", **{what: [[4, 4]]})
    branch.tamper(change)
    rules = {("", "access_events"): lambda event_us: event_us + 90 * DAY_US}
    found = verify(branch.path, heads=Heads((), own, "door"), known=Known(rules, ()))
    assert found.verdict is verdict
    assert any("decommissioned: 1" in doubt for doubt in found.cannot_exclude) == (verdict is Verdict.OK)


DEEP = """UPDATE event SET data = '{"n":' || replace(hex(zeroblob(900)), '0', '[') || '}' WHERE seq = 5"""
VIEW = "ALTER TABLE {0} RENAME TO other; CREATE VIEW {0} AS SELECT {1} FROM other"


@pytest.mark.parametrize(
    ("statement", "at"),
    [
        (DEEP, 5),
        ("UPDATE journal SET service = 'recorder'", 1),
        (VIEW.format("event", "*"), 1),
        (VIEW.format("chain", "'x' AS seq, leaf, head"), 1),
    ],
)
def test_what_no_journal_looks_like_is_said_and_not_stumbled_over(
    branch: Branch, statement: str, at: int
) -> None:
    branch.tamper("PRAGMA ignore_check_constraints = 1", *statement.split("; "))
    found = branch.verify()
    assert (found.verdict, found.at_seq) == (Verdict.ALTERED, at)


def test_heads_of_another_branch_say_nothing_of_this(branch: Branch) -> None:
    """A witness may have those of several, and their keys."""
    other = JournalHead("org/elsewhere/door", "019aa700-0000-7000-8000-00000000ffff", 99, bytes(32), 1, True)
    ours = frozenset({"org/branch"})
    assert verify(branch.path, heads=Heads([other], own, "door", ours)).ok
    assert Heads([other], own, "door", ours).missing() is None
    again = replace(other, key_name="org/branch/door")
    assert verify(branch.path, heads=Heads([again], own, "door", ours)).verdict is Verdict.ROLLBACK
