"""``unlocked decommission`` at a branch with everything there is to destroy."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from controller.core.event import Event, EventType, NewEvent, Stamp
from controller.core.hold import DAY_US
from controller.decommission import inventory
from controller.footage.segment_name import SegmentName
from controller.secrets import credentials
from controller.secrets.identity import Sealer
from controller.secrets.minisign import Signature, verify
from controller.secrets.minisign_signing import SigningKey
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Footage, Segment
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader

Unlocked = Callable[..., Result]
NOW_US = time.time_ns() // 1000
MEMBERS = Path(__file__).parents[2] / "config" / "members.example.csv"
CARD = b"29999000000019"
POLICE = ("--authority", "Police", "--reference", "22/1/26", "--from", "2h", "--category", "access_events")


def segment(paths: Paths, end_us: int) -> Segment:
    name = SegmentName("entrance", end_us - 60_000_000, 1, "boot-1", True)
    file = paths.footage_dir / name.relative
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"film")
    return Segment(
        name.segment_id, "entrance", name.relative, name.start_us, end_us, 1, "boot-1", True, 4, bytes(32)
    )


def add_footage(settings: Settings, *days: int) -> None:
    """That ended so many days ago."""
    paths = Paths.of(settings)
    with closing(Footage.open(paths.footage)) as footage:
        for ago in days:
            footage.add_segment(segment(paths, NOW_US - ago * DAY_US))


@pytest.fixture
def branch(unlocked: Unlocked, settings: Settings) -> Settings:
    """Keys, memberships, footage that is due, a sealed card, an account, an export and what else there is."""
    paths = Paths.of(settings)
    assert unlocked("init", "--throw-away").exit_code == 0
    assert unlocked("members", "import", MEMBERS).exit_code == 0
    add_footage(settings, 20, 21, 22)
    (paths.footage_dir / "somebody's.txt").write_text("not ours")
    stamp = Stamp(NOW_US - DAY_US, 1, "boot-1", True)
    seal = Sealer.of(credentials.read(credentials.AUTHORITY_PUBLIC_KEY, paths.secrets))
    door = Journal.open(paths.journal("door"), service="door", stamp=stamp, seal=seal)
    door.append([NewEvent(EventType.ACCESS_GRANTED, "front", stamp, private={"card": CARD})] * 2)
    door.close()
    with closing(sqlite3.connect(paths.console)) as console:
        console.execute("CREATE TABLE staff_account (name)")
        console.execute("INSERT INTO staff_account VALUES ('sentinel-of-an-account')")
        console.commit()
    for file in (
        paths.exports / "film.mp4",
        paths.backup / "made.age",
        paths.restoring / "journal.db",
        paths.state / "door" / "journal.db.damaged-1",
    ):
        file.parent.mkdir(exist_ok=True)
        file.write_text("sentinel-of-a-copy")
    (paths.recorder_alive).write_text("")
    return settings


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def clear(unlocked: Unlocked, settings: Settings, stick: Path, *more: object) -> Result:
    return unlocked("decommission", "--certificate-to", stick, "--confirm", settings.branch.name, *more)


def left(settings: Settings) -> dict[str, int | None]:
    return {
        part.value: one.things for part, one in inventory.look(settings).items() if one.things or one.files
    }


def events(settings: Settings, service: str) -> Iterator[EventType]:
    with closing(JournalReader(Paths.of(settings).journal(service))) as reader:
        yield from (event.type for event in reader.read(0))


def test_all_goes_but_the_records_and_a_signed_certificate_says_so(
    unlocked: Unlocked, branch: Settings, stick: Path
) -> None:
    paths = Paths.of(branch)
    former = branch.branch.state_dir.parent / "branch.toml.before"
    former.touch()
    name = credentials.EXPORT_SIGNING_KEY
    public = SigningKey.of(credentials.read(name, paths.secrets), name).public
    result = clear(unlocked, branch, stick)
    assert result.exit_code == 0, result.output
    assert left(branch) == {}
    here = {str(file.relative_to(paths.state)) for file in paths.state.rglob("*") if file.is_file()}
    journals = {f"{name}/journal.db" for name in ("door", "recorder", "membership", "console")}
    assert here == {*journals, "footage/somebody's.txt"}
    for file in paths.state.rglob("*"):
        if file.is_file():
            assert b"sentinel" not in file.read_bytes()

    (file,) = stick.glob("*.json")
    said = json.loads(file.read_text())
    counts = {one["part"]: (one["found"], one["left"]) for one in said["destroyed"]}
    assert counts["footage"] == (3, 0)
    assert counts["sealed_cards"] == (2, 0)
    assert counts["accounts"] == (1, 0)
    assert counts["memberships"] == (5, 0)
    assert {one["service"] for one in said["journals"]} == {"door", "recorder", "membership", "console"}
    assert all(one["signed_head"] for one in said["journals"])
    keys = stick / "keys"
    keys.write_text("".join(f"{one['key']}\n" for one in said["journals"]))
    signature = Signature.parse(file.with_name(file.name + ".minisig").read_bytes())
    assert verify(BytesIO(file.read_bytes()), signature, public) == file.name
    text = file.with_suffix(".txt").read_text()
    assert f"minisign -Vm {file.name} -P {public.text}" in text
    assert "sealed card numbers in the journals: 2 / 0" in text
    assert "files that no recorder named: 1" in text
    assert str(former) in text
    assert CARD.decode() not in text

    verified = unlocked("journal", "verify", "--keys", keys)
    assert (verified.exit_code, "key is not at hand" in verified.output) == (0, False), verified.output
    again = clear(unlocked, branch, stick)
    assert (again.exit_code, "nothing is left" in again.stderr) == (0, True)
    assert "the branch was decommissioned: 1" in verified.output.replace("\n", " ")


def test_the_plan_destroys_nothing(unlocked: Unlocked, branch: Settings) -> None:
    before = left(branch)
    result = unlocked("decommission", "--plan", "--json")
    said = json.loads(result.stdout)
    assert (result.exit_code, said["blocked"]) == (0, [])
    assert before == {part: found["things"] for part, found in said["destroys"].items()}
    assert "footage, in files: 3" in unlocked("decommission", "--plan").stdout
    assert left(branch) == before


def test_another_branchs_name_destroys_nothing(unlocked: Unlocked, branch: Settings, stick: Path) -> None:
    before = left(branch)
    for name in ("Low Street", branch.branch.name.upper()):
        result = unlocked("decommission", "--certificate-to", stick, input=f"{name}\n")
        assert (result.exit_code, "nothing was destroyed" in result.stderr) == (2, True)
    assert left(branch) == before


@pytest.mark.parametrize("inside", ["state", "secrets"])
def test_the_certificate_does_not_go_where_all_is_cleared(
    unlocked: Unlocked, branch: Settings, inside: str
) -> None:
    folder = branch.branch.state_dir.parent / inside
    result = clear(unlocked, branch, folder)
    assert (result.exit_code, "name another" in result.stderr) == (2, True)


def test_what_is_held_stands_in_the_way_until_it_is_handed_over(
    unlocked: Unlocked, branch: Settings, stick: Path
) -> None:
    placed = unlocked("hold", "add", *POLICE, "--json")
    hold = json.loads(placed.stdout)["hold"]
    before = left(branch)
    result = clear(unlocked, branch, stick)
    assert (result.exit_code, f"the hold {hold} is in force" in result.stderr) == (1, True)
    for wrong in (f"{hold}=", f"{hold}=to Mr Smith", "h-9=REC-1"):
        assert clear(unlocked, branch, stick, "--handed-over", wrong).exit_code == 2
    assert left(branch) == before
    result = clear(unlocked, branch, stick, "--handed-over", f"{hold}=REC-1")
    assert result.exit_code == 0, result.output
    (file,) = stick.glob("*.json")
    assert json.loads(file.read_text())["handed_over"] == {hold: "REC-1"}
    assert Paths.of(branch).registers.exists()


def test_footage_that_is_not_due_is_not_destroyed(unlocked: Unlocked, branch: Settings, stick: Path) -> None:
    add_footage(branch, 13)
    result = clear(unlocked, branch, stick)
    assert (result.exit_code, "the newest footage is not due" in result.stderr) == (1, True)
    assert left(branch)["footage"] == 4
    assert clear(unlocked, branch, stick, "--handed-over", "footage=REC-2").exit_code == 0


def test_a_service_that_runs_stands_in_the_way(unlocked: Unlocked, branch: Settings, stick: Path) -> None:
    stamp = Stamp(NOW_US, 2, "boot-1", True)
    with closing(Journal.open(Paths.of(branch).journal("door"), service="door", stamp=stamp)):
        result = clear(unlocked, branch, stick)
    assert (result.exit_code, "stop the services" in result.stderr) == (1, True)
    assert left(branch)["footage"] == 3


class Killed(BaseException):
    pass


def test_a_run_that_was_ended_anywhere_is_taken_up(
    unlocked: Unlocked, branch: Settings, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended at each third step, before a file is removed or after an event is durable: the next goes on."""
    unlink, append, steps = Path.unlink, Journal.append, 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps % 3 == 0:
            raise Killed

    def dies_before(path: Path, **more: Any) -> None:
        if path.exists():
            step()
        unlink(path, **more)

    def dies_after(journal: Journal, events: Sequence[NewEvent]) -> list[Event]:
        added = append(journal, events)
        step()
        return added

    monkeypatch.setattr(Path, "unlink", dies_before)
    monkeypatch.setattr(Journal, "append", dies_after)
    runs = 0
    while True:
        runs += 1
        try:
            result = clear(unlocked, branch, stick)
        except Killed:
            continue
        break
    assert result.exit_code == 0, result.output
    assert runs > 3
    assert inventory.footage_files(Paths.of(branch).footage_dir) == []
    assert left(branch) == {}
    types = list(events(branch, "console"))
    assert types.count(EventType.BRANCH_DECOMMISSION_STARTED) == 1
    assert types.count(EventType.BRANCH_DECOMMISSIONED) == 1
    (file,) = stick.glob("*.json")
    assert "NOT SIGNED" not in file.with_suffix(".txt").read_text()
    counts = {one["part"]: (one["found"], one["left"]) for one in json.loads(file.read_text())["destroyed"]}
    assert counts["footage"] == (3, 0)
    monkeypatch.undo()
    monkeypatch.setenv("UNLOCKED_CONFIG", str(branch.branch.state_dir.parent / "branch.toml"))
    assert unlocked("journal", "verify").exit_code == 0


def test_memberships_of_which_the_last_file_was_begun_have_their_certificate(
    unlocked: Unlocked, branch: Settings, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink, killed = Path.unlink, []

    def dies_once(path: Path, **more: Any) -> None:
        if path.name == f"{inventory.GOING}members.db" and not killed:
            killed.append(path)
            raise Killed
        unlink(path, **more)

    monkeypatch.setattr(Path, "unlink", dies_once)
    with pytest.raises(Killed):
        clear(unlocked, branch, stick)
    assert clear(unlocked, branch, stick).exit_code == 0
    types = list(events(branch, "membership"))
    assert types.count(EventType.DISPOSAL_STARTED) == types.count(EventType.DISPOSAL_CERTIFICATE) == 1


def test_who_has_not_the_role_destroys_nothing(
    unlocked: Unlocked, branch: Settings, stick: Path, log_in: Callable[[int], None]
) -> None:
    log_in(54321)
    result = clear(unlocked, branch, stick)
    assert (result.exit_code, '"dpo" or "supervisor"' in result.stderr) == (1, True)
    assert left(branch)["footage"] == 3
