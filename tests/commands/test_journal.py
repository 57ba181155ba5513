from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.event import EventType, NewEvent, Stamp
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.secrets.journal_key import JournalKey
from controller.settings import shipped
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.settings.policy.load import load_profile
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.journal_rows import Rows
from controller.store.registers import Registers
from controller.store.signed_heads import Signing

Unlocked = Callable[..., Result]
HOLD = "019aa700-0000-7aaa-8bbb-000000000002"
NOW = Stamp(1_795_219_200_000_000, 1, "boot-1", True)
KEY = JournalKey.generate("worcestershire", "droitwich", "door")


@pytest.fixture
def paths(settings: Settings) -> Paths:
    return Paths.of(settings)


@pytest.fixture(autouse=True)
def journals(paths: Paths) -> None:
    for service, count in (("door", 3), ("recorder", 1)):
        signing = Signing(KEY, lambda: NOW) if service == "door" else None
        journal = Journal.open(paths.journal(service), service=service, stamp=NOW, signing=signing)
        journal.append([NewEvent(EventType.DOOR_OPENED, "front", NOW)] * count)
        journal.close()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    file = tmp_path / "keys"
    file.write_text(f"# of the branch\n{KEY.public.text}\n")
    return file


@pytest.fixture
def heads(unlocked: Unlocked, tmp_path: Path) -> Path:
    """What a witness has, as mosquitto_sub writes it."""
    file = tmp_path / "heads"
    file.write_text(unlocked("journal", "heads", "--all").stdout)
    return file


def tamper(paths: Paths, *statements: str) -> None:
    connection = sqlite3.connect(paths.journal("door"))
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_whole_journals(unlocked: Unlocked) -> None:
    result = unlocked("journal", "verify")
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if not line.startswith(" ")] == [
        "door: OK: 3 events, 0 disposed of",
        "recorder: OK: 1 event, 0 disposed of",
        "membership: no journal yet",
        "uplink: no journal yet",
        "console: no journal yet",
    ]
    assert "  cannot exclude that it was written anew" in result.stdout


def test_each_journal_as_json(unlocked: Unlocked, paths: Paths) -> None:
    paths.journal("recorder").write_bytes(b"damage" * 1000)
    result = unlocked("journal", "verify", "--json")
    assert result.exit_code == 1
    door, recorder, membership, *_ = (json.loads(line) for line in result.stdout.splitlines())
    assert (door["service"], door["ok"], door["verdict"], door["events"]) == ("door", True, "ok", 3)
    assert (door["last_seq"], door["witnessed_seq"], door["at_seq"]) == (3, None, None)
    assert (recorder["ok"], recorder["verdict"]) == (False, "unreadable")
    assert membership == {"service": "membership", "ok": None, "verdict": None}


def test_a_journal_that_was_changed_is_named(unlocked: Unlocked, paths: Paths) -> None:
    tamper(paths, "DELETE FROM event WHERE seq = 2")
    result = unlocked("journal", "verify")
    assert result.exit_code == 1
    assert "door: UNEXPLAINED GAP at 2: the event is missing" in result.stdout
    assert "recorder: OK: 1 event, 0 disposed of" in result.stdout


def test_a_journal_that_cannot_be_read_is_named(unlocked: Unlocked, paths: Paths) -> None:
    paths.journal("recorder").write_bytes(b"damage" * 1000)
    result = unlocked("journal", "verify")
    assert result.exit_code == 1
    assert "recorder: NOT READABLE" in result.stdout


def test_a_run_is_recorded_in_numbers_and_words(unlocked: Unlocked, paths: Paths) -> None:
    tamper(paths, "DELETE FROM event WHERE seq = 2")
    unlocked("journal", "verify")
    reader = JournalReader(paths.journal("console"))
    event = reader.last(EventType.JOURNAL_VERIFIED)
    reader.close()
    assert event is not None
    door = {"verdict": "unexplained_gap", "at": 2, "last": 3, "witnessed": None, "doubts": 2}
    assert event.data["journals"]["door"] == door  # type: ignore[call-overload,index]
    assert event.data["uid"] == os.getuid()


def test_a_run_that_cannot_be_recorded_counts_all_the_same(unlocked: Unlocked, paths: Paths) -> None:
    paths.journal("console").mkdir(parents=True)
    result = unlocked("journal", "verify")
    assert "not recorded in the console's journal" in result.stderr
    assert "door: OK" in result.stdout


# --- heads that were kept elsewhere ---


def test_a_witness_proves_how_far_a_journal_goes(unlocked: Unlocked, heads: Path, keys: Path) -> None:
    result = unlocked("journal", "verify", "--heads", heads, "--keys", keys)
    assert result.exit_code == 0
    first = result.stdout.splitlines()[0]
    assert first == "door: OK: 3 events, 0 disposed of; as the head says that was kept elsewhere, up to 3"
    assert "cannot exclude" not in result.stdout.split("recorder: ")[0]


def test_a_witness_shows_an_end_that_was_cut_off(
    unlocked: Unlocked, heads: Path, keys: Path, paths: Paths
) -> None:
    tamper(paths, *(f"DELETE FROM {table} WHERE seq = 3" for table in ("event", "chain", "signed_head")))
    assert unlocked("journal", "verify").exit_code == 0
    result = unlocked("journal", "verify", "--heads", heads, "--keys", keys)
    assert result.exit_code == 1
    assert "door: ROLLBACK at 3: the journal ends before this" in result.stdout


def test_the_branch_s_own_keys_are_taken_where_none_are_given(
    unlocked: Unlocked, heads: Path, settings: Settings
) -> None:
    assert unlocked("journal", "verify", "--heads", heads).exit_code == 2, "nobody can read them"
    settings.branch.secrets_dir.mkdir()
    unlocked("journal", "keys", "--make")
    (settings.branch.secrets_dir / "journal-key-door").write_text(KEY.secret().reveal())
    result = unlocked("journal", "verify", "--heads", heads)
    assert (result.exit_code, "kept elsewhere, up to 3" in result.stdout) == (0, True)


def test_heads_of_other_keys_are_left_out_and_counted(
    unlocked: Unlocked, heads: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other-keys"
    other.write_text(JournalKey.generate("worcestershire", "droitwich", "door").public.text)
    result = unlocked("journal", "verify", "--heads", heads, "--keys", other)
    assert "left out, as not whole or of keys that are not given: 1" in result.stderr
    assert (result.exit_code, result.stdout) == (2, ""), "nothing was left to compare with"
    assert f"{heads}: there is no signed head of these keys" in result.stderr


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("\n3\n", "\n2\n"), "line 1: the signature .* is wrong"),
        (lambda text: "lu/v1/x/y/journals/door/head " + text * 2, "line 1: .* without -v"),
        (lambda text: "rubbish\n" + text, "line 1"),
    ],
)
def test_heads_that_were_changed_say_nothing_of_a_journal(
    unlocked: Unlocked, heads: Path, keys: Path, change: Callable[[str], str], why: str
) -> None:
    heads.write_text(change(heads.read_text()))
    result = unlocked("journal", "verify", "--heads", heads, "--keys", keys)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert str(heads) in result.stderr


def test_a_last_head_that_is_still_being_written_is_left_out(
    unlocked: Unlocked, heads: Path, keys: Path
) -> None:
    heads.write_text(heads.read_text() + heads.read_text()[:70])
    result = unlocked("journal", "verify", "--heads", heads, "--keys", keys)
    assert (result.exit_code, "left out, as not whole" in result.stderr) == (0, True)


def test_a_file_of_keys_that_is_none(unlocked: Unlocked, heads: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "keys"
    wrong.write_text("ssh-ed25519 AAAA\n")
    result = unlocked("journal", "verify", "--heads", heads, "--keys", wrong)
    assert result.exit_code == 2
    assert f"{wrong}, line 1" in result.stderr
    assert "unlocked journal keys" in result.stderr


def test_the_heads_that_journals_keep(unlocked: Unlocked) -> None:
    found = [json.loads(line) for line in unlocked("journal", "heads", "--json").stdout.splitlines()]
    assert [(one["service"], one["seq"]) for one in found] == [("door", 3)]
    assert unlocked("journal", "heads", "--service", "door").stdout.strip() == found[0]["note"].strip()
    assert unlocked("journal", "heads", "--service", "recorder").exit_code == 1
    assert unlocked("journal", "heads", "--service", "cat").exit_code == 2


# --- a journal by itself ---


def test_a_journal_by_itself_needs_no_settings(
    unlocked: Unlocked, paths: Paths, keys: Path, heads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(paths.journal("door").read_bytes())
    monkeypatch.setenv("UNLOCKED_CONFIG", "/nonexistent/branch.toml")
    result = unlocked("journal", "verify", "--journal", copy, "--heads", heads, "--keys", keys)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith(f"{copy}: OK: 3 events")
    assert not paths.journal("console").exists(), "nothing is recorded"
    missing = unlocked("journal", "verify", "--journal", tmp_path / "none.db")
    assert missing.exit_code == 2


def test_a_journal_that_was_taken_away_whole(
    unlocked: Unlocked, paths: Paths, heads: Path, keys: Path
) -> None:
    for file in paths.journal("door").parent.glob("journal.db*"):
        file.unlink()
    assert "door: no journal yet" in unlocked("journal", "verify").stdout
    result = unlocked("journal", "verify", "--heads", str(heads), "--keys", str(keys))
    assert result.exit_code == 1
    assert "door: ROLLBACK at 1: there is no journal any more, and a signed head" in result.stdout


# --- what certificates may tell ---


def dispose(paths: Paths, *, after_days: int) -> None:
    """The door's three events, so long after they happened."""
    then = Stamp(NOW.wall_us + after_days * DAY_US, 2, "boot-1", True)
    policy = load_profile(shipped.profiles()["worcestershire"]).sha256

    def act(rows: Rows) -> NewEvent:
        rows.destroy([(1, 3)])
        data = {
            "category": "access_events",
            "policy": policy,
            "event_seqs": [[1, 3]],
            "times_us": [[NOW.wall_us, NOW.wall_us]],
        }
        return NewEvent(EventType.DISPOSAL_CERTIFICATE, "droitwich", then, data)

    journal = Journal.open(paths.journal("door"), service="door", stamp=then)
    journal.destroy(act)
    journal.close()


def held(file: Path, site: str) -> None:
    scope = Scope(Category.ACCESS_EVENTS, site, None, NOW.wall_us - 5, NOW.wall_us + 5)
    registers = Registers.open(file)
    registers.add_hold(Hold(HOLD, "Court", "1/26", scope, NOW.wall_us, NOW.wall_us))
    registers.close()


def test_what_went_in_time_is_well(unlocked: Unlocked, paths: Paths) -> None:
    dispose(paths, after_days=92)
    result = unlocked("journal", "verify")
    assert "door: OK: 1 event, 3 disposed of" in result.stdout
    assert "destroyed" not in result.stdout


def test_what_went_too_early(unlocked: Unlocked, paths: Paths) -> None:
    dispose(paths, after_days=60)
    result = unlocked("journal", "verify")
    assert result.exit_code == 1
    assert (
        "door: PREMATURE at 1: 1 to 3 destroyed under the certificate 4, before it was due" in result.stdout
    )


def test_what_went_although_it_was_held(unlocked: Unlocked, paths: Paths, settings: Settings) -> None:
    held(paths.registers, settings.branch.branch)
    dispose(paths, after_days=92)
    result = unlocked("journal", "verify")
    assert (
        f"door: HELD at 1: 1 to 3 destroyed under the certificate 4, although {HOLD} protected it"
        in result.stdout
    )


def test_a_journal_by_itself_is_judged_with_policy_and_registers_that_are_given(
    unlocked: Unlocked, paths: Paths, settings: Settings, tmp_path: Path
) -> None:
    dispose(paths, after_days=92)
    command = ("journal", "verify", "--journal", paths.journal("door"))
    alone = unlocked(*command)
    assert alone.exit_code == 0
    assert "cannot exclude that something was destroyed before it was due" in alone.stdout
    assert "cannot exclude that something held was destroyed" in alone.stdout
    registers = tmp_path / "registers.db"
    held(registers, settings.branch.branch)
    given = unlocked(*command, "--policy", shipped.profiles()["worcestershire"], "--registers", registers)
    assert "HELD at 1" in given.stdout


def test_a_policy_that_cannot_be_used_is_named(unlocked: Unlocked, tmp_path: Path) -> None:
    wrong = tmp_path / "policy.toml"
    wrong.write_text("id = ")
    result = unlocked("journal", "verify", "--policy", wrong)
    assert result.exit_code == 2
    assert str(wrong) in result.stderr


def test_all_journals_are_verified(unlocked: Unlocked) -> None:
    named = [
        line.split(":")[0] for line in unlocked("journal", "verify").stdout.splitlines() if line[0] != " "
    ]
    assert named == list(JOURNALS)
