"""The package that is tried, and others made of it: a later one, one whose door does not start.

Here: taking it apart and putting it together again with a few files changed. Never here: how it is built;
``make deb`` does that.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
TREE = Path("opt/unlocked/package")

Change = Callable[[Path], None]
"""Does something to the folder of Python packages."""


def built(folder: Path, version: str, release: str, python: Path) -> Path:
    """The package of this checkout."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        str(python),
        "systemd/debian/build.py",
        "--version",
        version,
        "--release",
        release,
        "--out",
        str(folder),
    ]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    (made,) = folder.glob(f"unlocked_{version}~*.deb")
    return made


def depends(package: Path) -> tuple[str, ...]:
    """The names of what it depends on, of alternatives the first."""
    said = subprocess.run(
        ["dpkg-deb", "-f", str(package), "Depends"], check=True, capture_output=True, text=True
    ).stdout
    return tuple(re.split(r"[ (|]", each.strip())[0] for each in said.split(","))


def unpacked(package: Path, folder: Path, *, simulator: bool) -> Path:
    """The package's files, with the other end of the wires if it is wanted, whose pins an entry point names.

    Compiled here, where nobody waits at a door, and only once.
    """
    root = folder / "unpacked"
    subprocess.run(["dpkg-deb", "-R", str(package), str(root)], check=True)
    packages = _packages(root)
    shutil.copytree(
        REPOSITORY / "simulator", packages / "simulator", ignore=shutil.ignore_patterns("__pycache__")
    )
    python = root / TREE / "bin/python"
    if python.exists():
        subprocess.run([str(python), "-m", "compileall", "-q", "-j", "0", str(packages)], check=False)
    return root


def variant(tree: Path, folder: Path, version: str, *changes: Change) -> Path:
    """A package of that version, with changes."""
    root = folder / "root"
    subprocess.run(["cp", "--archive", "--link", str(tree), str(root)], check=True)
    control = root / "DEBIAN/control"
    _replace(
        control, re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(), flags=re.MULTILINE)
    )
    _replace(root / TREE / "RELEASE", f"{version}\n")
    for change in changes:
        change(_packages(root))
    made = folder / f"unlocked_{version}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(root), str(made)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(root)
    return made


def _packages(root: Path) -> Path:
    (found,) = (root / TREE / "lib").glob("python3*/site-packages")
    return found


def _replace(file: Path, text: str) -> None:
    """Not written to: its content is shared with what it was linked from."""
    file.unlink()
    file.write_text(text)


def begins_with(module: str, text: str) -> Change:
    """A module does this first, behind what Python wants before it."""

    def change(packages: Path) -> None:
        file = packages / module
        before = file.read_text()
        head = "from __future__ import annotations\n"
        assert head in before, file
        _replace(file, before.replace(head, f"{head}{text}\n", 1))

    return change
