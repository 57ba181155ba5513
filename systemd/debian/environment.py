"""What runs: an environment for another machine's Python, of wheels by their hashes, and our own wheel.

Never here: what lies around it in a package.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from files import call, copied
from packaging.markers import Marker

HERE = Path(__file__).parent
MACHINES = {"arm64": "aarch64", "amd64": "x86_64"}
OLDEST_GLIBC = 5  # 2.5, of manylinux1: what a wheel may have been built for
VENV = "home = /usr/bin\ninclude-system-site-packages = false\n"


@dataclass(frozen=True, slots=True)
class Debian:
    """A release of Debian, and of Raspberry Pi OS, which has the same packages."""

    number: int
    python: str
    glibc: int
    """Which 2.x: wheels that were built for a later one do not run."""


RELEASES = {"bookworm": Debian(12, "3.11", 36), "trixie": Debian(13, "3.13", 41)}


def wheel(source: Path, work: Path, version: str, epoch: int) -> Path:
    """Ours, of the files that git knows, as they are now; without the simulator."""
    staged = work / "source"
    for folder in ("controller", "drivers"):
        copied(source, folder, staged / folder)
    for file in ("README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(source / file, staged / file)
    project = (staged / "pyproject.toml").read_text(encoding="utf-8")
    project = re.sub(r'^version = ".*"$', f'version = "{version}"', project, count=1, flags=re.MULTILINE)
    # The package has them beside the environment: copied() below.
    project = re.sub(r'^"share/unlocked.*$', "", project, flags=re.MULTILINE)
    (staged / "pyproject.toml").write_text(project, encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check")
    call(*pip, "--no-deps", "--no-build-isolation", "--no-index", "-w", work, staged, epoch=epoch)
    (made,) = work.glob("*.whl")
    return made


def environment(tree: Path, debian: Debian, arch: str, ours: Path, libraries: Path) -> None:
    """A virtual environment for the target's Python: the libraries, and ours."""
    packages = tree / "lib" / f"python{debian.python}" / "site-packages"
    shutil.copytree(libraries, packages, symlinks=True, copy_function=os.link)
    with zipfile.ZipFile(ours) as files:
        files.extractall(packages)  # all that there is to a wheel of pure Python; pip would note where it was
    if not (packages / "lgpio.py").exists():
        # No wheel for this Python: Debian's python3-lgpio, which the package depends on.
        library = f"_lgpio.cpython-{debian.python.replace('.', '')}-{MACHINES[arch]}-linux-gnu.so"
        for file in ("lgpio.py", library):
            (packages / file).symlink_to(f"/usr/lib/python3/dist-packages/{file}")
    # For what only one branch has: docs/install.md.
    (packages / "local.pth").write_text("/opt/unlocked/local\n", encoding="utf-8")
    (tree / "bin").mkdir()
    (tree / "bin/python").symlink_to(f"/usr/bin/python{debian.python}")
    (tree / "pyvenv.cfg").write_text(VENV, encoding="utf-8")


def libraries(debian: Debian, arch: str, out: Path) -> Path:
    """The wheels that requirements.txt names by their hashes, unpacked once and kept."""
    chosen = requirements(debian, arch)
    key = hashlib.sha256(f"{debian} {arch} {chosen}".encode()).hexdigest()[:16]
    kept = out / f"libraries-{key}"
    if kept.exists():
        return kept
    unpacked = out / f"libraries-{key}.{os.getpid()}"
    unpacked.mkdir(parents=True)
    (unpacked / "requirements.txt").write_text(chosen, encoding="utf-8")
    call(*pip_for(debian, arch, unpacked), "--require-hashes", "-r", unpacked / "requirements.txt")
    (unpacked / "requirements.txt").unlink()
    shutil.rmtree(unpacked / "bin", ignore_errors=True)
    for tests in list(unpacked.glob("numpy/**/tests")):
        shutil.rmtree(tests)
    unpacked.rename(kept)
    return kept


def pip_for(debian: Debian, arch: str, target: Path) -> list[str]:
    """Pip's command up to what is to be installed: wheels for another machine's Python, into a folder."""
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-compile"]
    pip += ["--no-deps", "--only-binary", ":all:", "--target", str(target)]
    # It would ask its own Python, where requirements() has asked the target's.
    pip += ["--ignore-requires-python", "--implementation", "cp", "--python-version", debian.python]
    for two_point in range(debian.glibc, OLDEST_GLIBC - 1, -1):
        pip += ["--platform", f"manylinux_2_{two_point}_{MACHINES[arch]}"]
    for older in ("manylinux2014", "manylinux2010", "manylinux1"):
        pip += ["--platform", f"{older}_{MACHINES[arch]}"]
    return pip


def requirements(debian: Debian, arch: str) -> str:
    """The locked requirements that are meant for the target; pip would judge by the Python that runs it."""
    target = {
        "python_version": debian.python,
        "python_full_version": f"{debian.python}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": MACHINES[arch],
        "implementation_name": "cpython",
    }
    locked = (HERE / "requirements.txt").read_text(encoding="utf-8").replace(" \\\n", " ")
    lines = []
    for line in locked.splitlines():
        before, _, marker = line.partition(" --hash=")[0].partition(" ; ")
        if not marker or Marker(marker).evaluate(target):
            lines.append(f"{before} --hash={line.partition(' --hash=')[2]}")
    return "\n".join(lines) + "\n"
