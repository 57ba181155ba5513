"""A machine of systemd-nspawn: Debian's systemd as its first process, this machine's kernel.

It starts in a second and runs as fast as everything else here. Devices are what this kernel has: the pins
are the simulator's, the reader's line is a pseudo-terminal. Wants root.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import uuid
from pathlib import Path

from tests.package.image import Root
from tests.package.machine import Machine, wait_until

NEEDED = ("mmdebstrap", "systemd-nspawn", "nsenter")


class Container(Machine):
    """read_only: the root folder cannot be written to; only what has to survive, the log and /run can."""

    def __init__(self, root: Root, folder: Path, *, read_only: bool = False) -> None:
        super().__init__(folder)
        self._read_only = read_only
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._first = 0
        self.disk = folder / "root"
        self._kept = folder / "kept"

    def prepare(self) -> None:
        """What it writes lies over the root folder."""
        for name in ("root", "upper", "work"):
            (self.folder / name).mkdir(exist_ok=True)
        below = ":".join(map(str, self._root.folders))
        layers = f"lowerdir={below},upperdir={self.folder}/upper,workdir={self.folder}/work"
        subprocess.run(["mount", "-t", "overlay", "-o", layers, "overlay", str(self.disk)], check=True)
        if self._read_only:
            # A mount of its own: what nspawn makes read-only stays so wherever it is bound from there.
            self._kept.mkdir()
            kept = str(self.disk / "var/lib/unlocked")
            subprocess.run(["mount", "--bind", kept, str(self._kept)], check=True)

    def start(self) -> None:
        assert self._process is None, "it is on"
        with self.console.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *(
                        "systemd-nspawn",
                        "--boot",
                        "--quiet",
                        "--register=no",
                        "--keep-unit",
                        "--private-network",
                    ),
                    *(
                        f"--directory={self.disk}",
                        f"--machine=unlocked-{uuid.uuid4().hex[:8]}",
                        "--console=pipe",
                    ),
                    # What the services ask of a kernel, and nspawn does not let through otherwise.
                    "--system-call-filter=adjtimex clock_adjtime @keyring bpf",
                    "--link-journal=no",
                    *(self._only_what_is_kept() if self._read_only else ()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                # Only so can systemd in it enforce which devices and addresses a service may use.
                env=dict(os.environ) | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        wait_until(
            lambda: self.ended() or self._find_first(), "the container has a first process", limit_s=30
        )

    def wait_until_up(self) -> None:
        super().wait_until_up()
        # nspawn shows a boot of its own, which units with a /proc of their own do not see. One for all:
        self.run("while umount /proc/sys/kernel/random/boot_id 2>/dev/null; do :; done")

    def _only_what_is_kept(self) -> list[str]:
        kept = f"--bind={self._kept}:/var/lib/unlocked"
        return ["--read-only", kept, "--tmpfs=/var/log", "--tmpfs=/var/tmp"]

    def _find_first(self) -> bool:
        """Its first process, as it is numbered here."""
        assert self._process is not None
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                after = stat.read_text().rpartition(")")[2].split()
                other = (stat.parent / "ns/pid").readlink() != Path("/proc/self/ns/pid").readlink()
            except OSError:
                continue
            if int(after[1]) == self._process.pid and other:
                self._first = int(stat.parent.name)
                return True
        return False

    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def cut_power(self) -> None:
        """All its processes are killed at once. What they wrote stays, synced or not: it is this kernel's."""
        if self._process is None:
            return
        if not self.ended():
            os.kill(self._first, signal.SIGKILL)
            self._process.wait(timeout=30)
        self._process = None

    def entering(self, command: str) -> list[str]:
        clean = (
            "env",
            "-i",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root",
        )
        return ["nsenter", f"--target={self._first}", "--all", *clean, "sh", "-c", f"cd /root; {command}"]

    def frozen(self) -> Root:
        self._unmount()
        return Root((self.folder / "upper", *self._root.folders))

    def throw_away(self) -> None:
        self.cut_power()
        self._unmount()
        for name in ("upper", "work"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def _unmount(self) -> None:
        for mounted in (self._kept, self.disk):
            if mounted.is_mount():
                subprocess.run(["umount", str(mounted)], check=True)
