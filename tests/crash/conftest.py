"""Power cuts: a process runs on a folder, and what it fsynced there is all that is left of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SHIM = Path(__file__).with_name("powercut.c")


@pytest.fixture(scope="session")
def power_cut_shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("powercut") / "powercut.so"
    command = ["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(built), str(SHIM)]
    subprocess.run(command, check=True)
    return built


@dataclass(frozen=True)
class PowerCut:
    """root: the folder that loses what was not synced. environment: for the process that uses it."""

    root: Path
    shadow: Path
    environment: dict[str, str]

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
