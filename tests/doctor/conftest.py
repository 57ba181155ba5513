from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.event import EventType, JsonValue, NewEvent, Stamp
from controller.devices import ClockReading
from controller.doctor.context import Context
from controller.doctor.examination import examine
from controller.doctor.finding import Finding, State
from controller.doctor.machine import Answer, FileSystem, Machine, Process
from controller.doctor.parts import PARTS, Part
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.staff.door_answer import Answer as DoorAnswer
from controller.staff.door_answer import DoorSays
from controller.store.journal import Journal

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"


class FakeMachine(Machine):
    """A machine whose /proc and /sys are under ``root``. says: what programs answer."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.says: dict[str, Answer] = {}
        self.disk = FileSystem(32_000_000_000, 16_000_000_000, 100_000, read_only=False, device="179:2")
        self.root_user = True
        self.open_by: dict[str, list[Process]] = {}
        self.refuses: dict[tuple[str, int], str] = {}

    @property
    def is_root(self) -> bool:
        return self.root_user

    def has(self, path: str, text: str = "") -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def link(self, path: str, to: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(self.root / to)

    def ask(self, *command: str) -> Answer | None:
        return self.says.get(" ".join(command)) or self.says.get(command[0])

    def file_system(self, path: Path) -> FileSystem:  # noqa: ARG002 -- all are on one disk
        return self.disk

    def writers(self, files: Iterable[Path]) -> dict[Path, list[Process] | None]:
        return {file: self.open_by.get(file.parent.name, []) if self.root_user else None for file in files}

    def answers(self, host: str, port: int) -> str | None:
        return self.refuses.get((host, port))


class Found(list[Finding]):
    def said(self, state: State) -> str:
        """All lines of this state, with their remedies."""
        return "\n".join(f"{one.what} → {one.remedy}" for one in self if one.state is state)

    @property
    def faults(self) -> str:
        return self.said(State.FAULT)

    @property
    def hints(self) -> str:
        return self.said(State.HINT)

    @property
    def unknown(self) -> str:
        return self.said(State.UNKNOWN)

    @property
    def fine(self) -> str:
        return self.said(State.OK)


class Rig:
    """The example's branch on a machine that is none, to be looked at."""

    def __init__(self, config: Path, machine: FakeMachine) -> None:
        self.config = config
        self.machine = machine
        self.now = ClockReading(1_790_000_000_000_000, 3_600_000_000, "a-boot", synchronised=True)
        self.answer: DoorAnswer | None = None
        self._opened: list[Context] = []

    @property
    def context(self) -> Context:
        context = Context(self.config, self.now, machine=self.machine)
        context._asked = (self.answer, "")  # as if it had been asked
        self._opened.append(context)
        return context

    @property
    def paths(self) -> Paths:
        return Paths.of(load(self.config))

    def door_runs(self, *, reader: bool = True, **other: bool) -> None:
        """It answers, and its journal begins."""
        said = {"journal": True, "memberships": True, "clock_trusted": True} | other
        settings = load(self.config)
        doors = {
            door.id: DoorSays("locked", "closed", {one.id: reader for one in door.readers})
            for door in settings.doors
        }
        self.answer = DoorAnswer(hours="unstaffed", inside=None, doors=doors, **said)
        begun: JsonValue = {door.id: {"open": False} for door in settings.doors}
        self.happened("door", EventType.SERVICE_STARTED, "controller", doors=begun)

    def happened(
        self,
        service: str,
        type_: EventType,
        subject: str,
        ago_s: int = 0,
        boot: str = "a-boot",
        **data: JsonValue,
    ) -> None:
        """It is in the journal of this service."""
        stamp = Stamp(self.now.wall_us - ago_s * 1_000_000, 1, boot, clock_trusted=True)
        journal = Journal.open(
            self.paths.journal(service), service=service, stamp=stamp, synchronous="NORMAL"
        )
        journal.append([NewEvent(type_, subject, stamp, data)])
        journal.close()

    def look(self, part: str) -> Found:
        """What is found of one part."""
        return self.examine(one for one in PARTS if one.name == part)

    def examine(self, parts: Iterable[Part] = PARTS) -> Found:
        return Found(examine(self.context, parts))

    def line(self, text: str) -> None:
        """Add to the settings."""
        self.config.write_text(f"{self.config.read_text()}\n{text}\n")

    def edit(self, before: str, after: str) -> None:
        """Change the settings, in one place."""
        text = self.config.read_text()
        assert before in text
        self.config.write_text(text.replace(before, after, 1))

    def up_for(self, seconds: int) -> None:
        self.now = replace(self.now, mono_us=seconds * 1_000_000)

    def not_synchronised(self) -> None:
        self.now = replace(self.now, synchronised=False)

    def close(self) -> None:
        for context in self._opened:
            context.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    text = EXAMPLE.read_text()
    for key, folder in (("state_dir", "state"), ("run_dir", "run"), ("secrets_dir", "secrets")):
        (line,) = (line for line in text.splitlines() if line.startswith(f"#{key} = "))
        text = text.replace(line, f'{key} = "{tmp_path / folder}"')
    text = text.replace("/etc/unlocked/policy.toml", str(tmp_path / "policy.toml"))
    config = tmp_path / "branch.toml"
    config.write_text(text)
    rig = Rig(config, FakeMachine(tmp_path / "machine"))
    yield rig
    rig.close()
