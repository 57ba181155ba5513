"""Files that are handed over at the service's socket, by a caller that is no service of ours."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.core.card import CardNumber
from controller.core.event import Event, EventType, Stamp
from controller.ipc import look_up, membership_commands
from controller.ipc.client import ask
from controller.ipc.membership_commands import Command, Importing, Order, Stage
from controller.ipc.messages import Reply, Request
from controller.membership.control import Control, open_control
from controller.membership.handed_over.sealed_file import SEALS
from controller.secrets import site_key
from controller.secrets.credentials import Secret
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.members import Members
from simulator.waiting import wait_until

EXAMPLE = Path(__file__).parents[3] / "config" / "branch.example.toml"
US = frozenset({os.geteuid()})
SITE_KEY = "0" * 64
HEADER = b"card_number,status,induction,granted_from,expires,surname\n"
SIGNED = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"


def rows(count: int) -> bytes:
    return HEADER + b"".join(
        b"%014d,active,2025-01-12,2025-01-12,2099-12-31,Nobody\n" % n for n in range(count)
    )


@dataclass
class Rig:
    settings: Settings
    control: Control
    stamp: list[Stamp]

    def ask(self, request: Request, file: int | None = None) -> Reply:
        path = Paths.of(self.settings).socket("membership")
        return ask(path, request, server_uids=US, file=file, deadline_s=10)

    def hand_over(self, content: bytes, order: Order, seals: int = SEALS) -> Reply:
        file = os.memfd_create("upload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.write(file, content)
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
            return self.ask(membership_commands.ask_to_import(order, "supervisor"), file)
        finally:
            os.close(file)

    def told(self) -> Importing:
        told = membership_commands.importing_of(self.ask(Request(Command.IMPORT_STATUS.value)))
        assert told is not None
        return told

    def over(self) -> Importing:
        wait_until(lambda: self.told().stage.is_over, 10)
        self.control.check()
        return self.told()

    def events(self) -> list[Event]:
        reader = JournalReader(Paths.of(self.settings).journal("membership"))
        try:
            return list(reader.read(0))
        except JournalMissing:
            return []
        finally:
            reader.close()

    def knows(self, card: str) -> bool:
        members = Members(Paths.of(self.settings).members)
        try:
            found = members.find(site_key.member_ref(Secret(SITE_KEY), CardNumber(card)))
            return found.membership is not None
        finally:
            members.close()

    def as_of_us(self, ago_s: int = 60) -> int:
        return self.stamp[0].wall_us - ago_s * 1_000_000


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Rig]:
    text = EXAMPLE.read_text()
    for key in ("state_dir", "run_dir", "secrets_dir"):
        (line,) = (line for line in text.splitlines() if line.startswith(f"#{key} = "))
        text = text.replace(line, f'{key} = "{tmp_path / key}"')
    (tmp_path / "branch.toml").write_text(text + getattr(request, "param", ""))
    (tmp_path / "secrets_dir").mkdir()
    (tmp_path / "secrets_dir" / "site-key").write_text(SITE_KEY)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "secrets_dir"))
    settings = load(tmp_path / "branch.toml")
    Paths.of(settings).members.parent.mkdir(parents=True)
    stamp = [Stamp(time.time_ns() // 1000, 1, "boot", True)]
    with ExitStack() as closing:
        control = open_control(settings, None, lambda: stamp[0], lambda: time.monotonic_ns() // 1000, closing)
        yield Rig(settings, control, stamp)


def test_a_file_that_is_handed_over_is_imported_and_journalled_with_who_did(rig: Rig) -> None:
    assert rig.told() == Importing(Stage.NONE)
    order = Order("members.csv", rig.as_of_us())
    begun = membership_commands.importing_of(rig.hand_over(rows(3), order))
    assert begun is not None
    assert (begun.stage, begun.number, begun.staff) == (Stage.READING, 1, "supervisor")
    told = rig.over()
    assert (told.stage, told.imported["members"], told.dropped) == (Stage.DONE, 3, ("surname",))
    assert rig.knows("00000000000002")
    (event,) = rig.events()
    assert event.type is EventType.MEMBERSHIP_IMPORTED
    assert event.data.items() >= {"staff": "supervisor", "uid": os.geteuid(), "members": 3}.items()


def test_the_content_is_on_no_disk(rig: Rig) -> None:
    rig.hand_over(rows(3), Order("members.csv", rig.as_of_us()))
    rig.over()
    for file in Paths.of(rig.settings).state.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"Nobody" not in content
            assert b"00000000000002" not in content


def test_a_name_of_a_feed_says_when_it_was_true(rig: Rig) -> None:
    rig.hand_over(rows(1), Order("members-full-20251122T060000Z.csv"))
    assert rig.over().imported["as_of_us"] == 1_763_791_200_000_000


@pytest.mark.parametrize(
    ("content", "order", "cause", "line"),
    [
        (HEADER + b"1,active,,,x,\n", Order("members.csv", 1_700_000_000_000_000), "bad_value", 2),
        (rows(1), Order("members-full-20991122T060000Z.csv"), "from_the_future", None),
        (rows(1), Order("members-full-2025.csv"), "bad_name", None),
        (b"\xff\xfe", Order("members.csv", 1_700_000_000_000_000), "not_text", None),
    ],
)
def test_a_bad_file_is_refused_with_its_cause_and_journalled(
    rig: Rig, content: bytes, order: Order, cause: str, line: int | None
) -> None:
    rig.hand_over(content, order)
    told = rig.over()
    assert (told.stage, told.cause) == (Stage.REFUSED, cause)
    assert told.why
    (event,) = rig.events()
    assert event.type is EventType.MEMBERSHIP_FEED_REFUSED
    assert event.data["reason"] == cause
    assert event.data["staff"] == "supervisor"
    assert line is None or event.data["line"] == line


def test_what_is_taken_for_an_accident_says_what_would_import_it(rig: Rig) -> None:
    rig.hand_over(rows(4), Order("members.csv", rig.as_of_us()))
    rig.over()
    rig.hand_over(rows(1), Order("members.csv", rig.as_of_us(30)))
    assert rig.over().remedy == "shrink"
    rig.hand_over(rows(1), Order("members.csv", rig.as_of_us(30), shrink=True))
    assert rig.over().stage is Stage.DONE
    rig.hand_over(rows(1), Order("members.csv", rig.as_of_us(90)))
    assert rig.over().remedy == "older"
    rig.hand_over(rows(1), Order("members.csv", rig.as_of_us(90), older=True))
    assert rig.over().stage is Stage.DONE


def test_without_a_time_or_a_clock_nothing_is_imported(rig: Rig) -> None:
    rig.hand_over(rows(1), Order("members.csv"))
    assert rig.over().cause == "no_time"
    rig.stamp[0] = Stamp(rig.stamp[0].wall_us, 2, "boot", clock_trusted=False)
    rig.hand_over(rows(1), Order("members.csv", rig.as_of_us()))
    assert rig.over().cause == "clock_untrusted"
    assert rig.events() == []


@pytest.mark.parametrize("rig", [f'\n[feed]\nfolder = "/nowhere"\npublic_key = "{SIGNED}"\n'], indirect=True)
def test_where_files_are_signed_one_without_a_signature_is_refused(rig: Rig) -> None:
    rig.hand_over(rows(1), Order("members.csv", rig.as_of_us()))
    assert rig.over().cause == "unsigned"
    rig.hand_over(rows(1), Order("members.csv", rig.as_of_us(), signature="nonsense"))
    assert rig.over().cause == "bad_signature"


def test_a_file_that_somebody_could_still_change_is_refused(rig: Rig) -> None:
    rig.hand_over(rows(1), Order("members.csv", rig.as_of_us()), seals=fcntl.F_SEAL_SHRINK)
    assert rig.over().cause == "not_a_file"
    order = membership_commands.ask_to_import(Order("passwd", rig.as_of_us()), "supervisor")
    with Path("/etc/passwd").open("rb") as other:
        assert rig.ask(order, other.fileno()).done
    assert rig.over().cause == "not_a_file"
    assert rig.ask(order) == Reply(done=False, reason="no_file")
    assert rig.ask(Request("import", {})).reason == "bad_request"


def test_while_one_is_imported_another_is_not_begun(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controller.membership.handed_over.imports.Imports._run", lambda *_: None)
    assert rig.hand_over(rows(1), Order("members.csv", rig.as_of_us())).done
    assert rig.hand_over(rows(1), Order("members.csv", rig.as_of_us())).reason == "under_way"


def test_members_are_counted_and_counted_anew_after_an_import(rig: Rig) -> None:
    def counted() -> int:
        reply = membership_commands.counted_of(rig.ask(Request(Command.COUNT.value)))
        assert reply is not None
        return reply.members

    assert counted() == 0
    rig.hand_over(rows(3), Order("members.csv", rig.as_of_us()))
    rig.over()
    assert counted() == 3


def test_a_branch_that_asks_no_system_answers_nothing_about_cards(rig: Rig) -> None:
    assert rig.ask(look_up.ask_for(CardNumber("00000000000001"))).reason == "unknown_command"
