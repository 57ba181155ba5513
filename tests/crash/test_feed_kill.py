"""kill -9 of the membership service while it imports a feed: nothing is lost, nothing comes in twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from controller.core.card import CardNumber
from controller.core.event import EventType
from controller.secrets import site_key
from controller.secrets.credentials import Secret
from controller.store.engine import DatabaseMissing
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.members import Members
from controller.store.verify import verify

pytestmark = [pytest.mark.crash, pytest.mark.system, pytest.mark.timeout(3600)]

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"
ROUNDS = 30 if os.environ.get("UNLOCKED_SOAK") else 2
MEMBERS = 10_000
KEY = Secret("0" * 64)
LONGEST_S = 60.0
# A file counts as complete at once, and rows come in small batches, so that a kill finds more to interrupt.
PROGRAM = """
from controller.commands.main import main
from controller.membership.feed import folder_place
from controller.store import members_import

folder_place.SETTLED_US = -1_000_000_000
members_import.FILL_BATCH = 200
main()
"""


def write(feed: Path, hour: int, missing: int) -> Path:
    part = feed / "members.part"
    rows = (f"{n:014d},active,2025-01-12,2025-01-12,2099-12-31\n" for n in range(MEMBERS) if n != missing)
    part.write_text("card_number,status,induction,granted_from,expires\n" + "".join(rows))
    return part.rename(feed / f"members-full-202511{1 + hour // 24:02}T{hour % 24:02}0000Z.csv")


def is_known(members: Members, n: int) -> bool:
    try:
        return members.find(site_key.member_ref(KEY, CardNumber(f"{n:014d}"))).membership is not None
    except DatabaseMissing:
        return False


def imported(journal: Path) -> list[int]:
    reader = JournalReader(journal)
    try:
        events = reader.read(0, 100_000)
    except JournalMissing:
        return []
    finally:
        reader.close()
    return [
        int(str(event.data["as_of_us"])) for event in events if event.type is EventType.MEMBERSHIP_IMPORTED
    ]


def test_a_feed_survives_kills(tmp_path: Path) -> None:
    feed, hidden = tmp_path / "feed", tmp_path / "secrets"
    for folder in (feed, hidden, tmp_path / "run_dir"):
        folder.mkdir()
    (hidden / "site-key").write_text(KEY.reveal())
    text = EXAMPLE.read_text().replace("#assume_trusted = false", "assume_trusted = true")
    for key in ("state_dir", "run_dir", "secrets_dir"):
        (line,) = (line for line in text.splitlines() if line.startswith(f"#{key} = "))
        text = text.replace(line, f'{key} = "{tmp_path / key}"')
    config = tmp_path / "branch.toml"
    config.write_text(f'{text}\n[feed]\nfolder = "{feed}"\n')
    journal = tmp_path / "state_dir" / "membership" / "journal.db"
    command = [sys.executable, "-c", PROGRAM, "membership", "--config", str(config)]
    environment = {**os.environ, "CREDENTIALS_DIRECTORY": str(hidden)}
    members = Members(journal.with_name("members.db"))
    draw = random.Random(7)
    for hour in range(ROUNDS):
        file = write(feed, hour, missing=hour)
        # A start takes about a second, an import another two; one start at last is left to its end.
        for lives_s in (*(draw.uniform(0.7, 6.0) for _ in range(3)), LONGEST_S):
            if not file.exists():
                break
            with (tmp_path / "log").open("ab") as log:
                service = subprocess.Popen(command, env=environment, stderr=log)
            ends_s = time.monotonic() + lives_s
            while file.exists() and time.monotonic() < ends_s:
                assert service.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.02)
            service.send_signal(signal.SIGKILL)
            service.wait()
            # One set or the other, and never anything between.
            before = hour == 0 or not is_known(members, hour - 1)
            assert not before or hour == 0 or is_known(members, hour)
            assert before or not is_known(members, hour)
        assert not file.exists(), (tmp_path / "log").read_text()
        assert not is_known(members, hour)
        assert is_known(members, MEMBERS - 1)
    members.close()
    times = imported(journal)
    assert len(times) == ROUNDS, "each was journalled, and once"
    assert times == sorted(set(times))
    assert list(feed.iterdir()) == []
    assert verify(journal).ok
