"""Files for a package, and the programs that are called for it. Never here: which files a package has."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path


class Failed(Exception):
    """The package cannot be built; the message says why, and what to do."""


def copied(source: Path, folder: str, to: Path, without: str = " ") -> None:
    """What git knows of a folder. A program stays one."""
    for name in said("git", "-C", source, "ls-files", "--", folder).splitlines():
        inside = name.removeprefix(f"{folder}/")
        if not inside.startswith(without) and (source / name).exists():
            runs = (source / name).stat().st_mode & 0o100
            placed(source / name, to / inside, 0o755 if runs else 0o644)


def placed(file: Path, to: Path, mode: int = 0o644) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, to)
    to.chmod(mode)


def compressed(to: Path, text: str) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def digest(tree: Path) -> str:
    """Of every name and content in it."""
    whole = hashlib.sha256()
    for file in sorted(tree.rglob("*")):
        if file.is_symlink() or file.is_file():
            content = str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
            whole.update(f"{file.relative_to(tree)}\n{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def settled(root: Path, epoch: int) -> None:
    """Modes and times that do not depend on who builds it, and when."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def call(*command: object, epoch: int | None = None) -> None:
    variables = dict(os.environ) | ({"SOURCE_DATE_EPOCH": str(epoch)} if epoch is not None else {})
    words = [str(word) for word in command]
    if subprocess.run(words, env=variables, check=False, stdout=sys.stderr).returncode:
        raise Failed(f"this failed: {' '.join(words[:6])} …")


def said(*command: object, cwd: Path | None = None) -> str:
    ended = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, cwd=cwd, check=False
    )
    if ended.returncode:
        raise Failed(f"{command[0]}: {ended.stderr.strip()}")
    return ended.stdout.removesuffix("\n")
