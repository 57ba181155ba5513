from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.devices import ClockReading
from controller.doctor.context import Context
from controller.doctor.examination import examine
from controller.doctor.finding import Finding, State
from controller.doctor.machine import Answer, FileSystem, Machine, Process
from controller.doctor.parts import PARTS, Part

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

    def ask(self, *command: str) -> Answer | None:
        return self.says.get(" ".join(command)) or self.says.get(command[0])

    def file_system(self, path: Path) -> FileSystem:  # noqa: ARG002 -- all are on one disk
        return self.disk

    def holders(self, file: Path) -> list[Process] | None:
        return self.open_by.get(file.parent.name, []) if self.root_user else None

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
        self._opened: list[Context] = []

    @property
    def context(self) -> Context:
        self._opened.append(Context(self.config, self.now, machine=self.machine))
        return self._opened[-1]

    def look(self, part: str) -> Found:
        """What is found of one part."""
        return self.examine(one for one in PARTS if one.name == part)

    def examine(self, parts: Iterable[Part] = PARTS) -> Found:
        return Found(examine(self.context, parts))

    def edit(self, before: str, after: str) -> None:
        """Change the settings, in one place."""
        text = self.config.read_text()
        assert before in text
        self.config.write_text(text.replace(before, after, 1))

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
    config = tmp_path / "branch.toml"
    config.write_text(text)
    rig = Rig(config, FakeMachine(tmp_path / "machine"))
    yield rig
    rig.close()
