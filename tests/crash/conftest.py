"""Power cuts and kills: a process runs on a folder, and what it fsynced there is all that is left of it, or
what it had written when it was killed at a chosen step."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def build(name: str, folder: Path) -> Path:
    built = folder / f"{name}.so"
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(built)]
    subprocess.run([*command, str(HERE / f"{name}.c"), "-ldl"], check=True)
    return built


@pytest.fixture(scope="session")
def power_cut_shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("powercut", tmp_path_factory.mktemp("powercut"))


@pytest.fixture(scope="session")
def kill_at_shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("killat", tmp_path_factory.mktemp("killat"))


@dataclass(frozen=True)
class PowerCut:
    """root: the folder that loses what was not synced. environment: for the process that uses it.

    at: the variable that names the step after which the power is cut, from 1.
    """

    root: Path
    shadow: Path
    environment: dict[str, str]
    at = "POWERCUT_AT"
    only_synced = True

    def left(self) -> Path:
        """After the process was killed: a copy of what the disk would hold, in place of all there was."""
        shutil.rmtree(self.root)
        tree = self.shadow / "tree"
        if tree.exists():
            shutil.copytree(tree, self.root)
        else:
            self.root.mkdir()
        shutil.rmtree(self.shadow)
        (self.shadow / "content").mkdir(parents=True)
        return self.root


@pytest.fixture
def power_cut(power_cut_shim: Path, tmp_path: Path) -> PowerCut:
    root, shadow = tmp_path.resolve() / "disk", tmp_path.resolve() / "shadow"
    root.mkdir()
    (shadow / "content").mkdir(parents=True)
    environment = {
        **os.environ,
        "LD_PRELOAD": str(power_cut_shim),
        "POWERCUT_ROOT": str(root),
        "POWERCUT_SHADOW": str(shadow),
    }
    return PowerCut(root, shadow, environment)


@dataclass(frozen=True)
class Kill:
    """What is killed leaves all that it had written. As ``PowerCut`` otherwise, but before the step."""

    root: Path
    environment: dict[str, str]
    at = "KILLAT"
    only_synced = False

    def left(self) -> Path:
        return self.root


@pytest.fixture
def kill(kill_at_shim: Path, tmp_path: Path) -> Kill:
    root = tmp_path.resolve() / "disk"
    root.mkdir()
    return Kill(
        root, {**os.environ, "LD_PRELOAD": str(kill_at_shim), "KILLAT_ROOT": str(root), "KILLAT": "0"}
    )
