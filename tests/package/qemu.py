"""A machine of QEMU: a kernel of its own, a disk, pins of a chip, serial ports. With KVM where the processor
has it.

Its third serial port is wired to its second, so that what is written to one arrives at the other at the
wire's pace. The pins are Linux's own simulated chip, which the shipped driver sees as a real one. Its power
can be cut.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tests.package.image import Disk
from tests.package.machine import Machine

NEEDED = ("mmdebstrap", "mkfs.ext4", "fakeroot", "qemu-img", "qemu-system-x86_64", "ssh", "ssh-keygen")
READER, SWIPES = "/dev/ttyS1", "/dev/ttyS2"
"""The two ends of the reader's line in the machine."""


def has_kvm() -> bool:
    """Whether a machine runs as fast as this one. /dev/kvm alone is no sign: the processor has to help."""
    flags = set(Path("/proc/cpuinfo").read_text().split())
    return bool(flags & {"vmx", "svm"}) and os.access("/dev/kvm", os.R_OK | os.W_OK)


class Qemu(Machine):
    def __init__(self, image: Disk, folder: Path, *, memory_mb: int = 1024) -> None:
        super().__init__(folder)
        self._image = image
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self.disk = folder / "disk.qcow2"

    def prepare(self) -> None:
        """On the image's disk lies what this machine writes."""
        options = ("-q", "-f", "qcow2", "-F", "qcow2", "-b", str(self._image.disk), str(self.disk))
        subprocess.run(["qemu-img", "create", *options], check=True)

    def start(self) -> None:
        assert self._process is None, "it is on"
        self._port = _free_port()
        line = self.folder / "line.sock"
        line.unlink(missing_ok=True)
        fast = ("-machine", "q35,accel=kvm", "-cpu", "host")
        slow = ("-machine", "q35,accel=tcg", "-cpu", "max")
        with self.console.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *("qemu-system-x86_64", *(fast if has_kvm() else slow), "-smp", "2"),
                    *("-m", str(self._memory_mb), "-nodefaults", "-display", "none"),
                    *("-kernel", str(self._image.kernel), "-initrd", str(self._image.initrd)),
                    *("-append", "root=/dev/vda console=ttyS0 quiet panic=1 edd=off"),
                    *("-drive", f"file={self.disk},if=virtio,format=qcow2"),
                    *("-device", "virtio-rng-pci"),
                    *("-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{self._port}-:22"),
                    *("-device", "virtio-net-pci,netdev=net"),
                    *("-serial", "stdio"),
                    *("-chardev", f"socket,id=one,path={line},server=on,wait=off", "-serial", "chardev:one"),
                    *("-chardev", f"socket,id=other,path={line}", "-serial", "chardev:other"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def cut_power(self) -> None:
        """As when the plug is pulled: what the machine had not yet handed to its disk is gone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def entering(self, command: str) -> list[str]:
        options = (
            *("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "BatchMode=yes"),
            *("ConnectTimeout=15", "ServerAliveInterval=10", "ServerAliveCountMax=6"),
            *("ControlMaster=auto", "ControlPersist=60", f"ControlPath={self.folder}/ssh-%p"),
        )
        said = [word for option in options for word in ("-o", option)]
        key = str(self._image.key)
        return ["ssh", "-F", os.devnull, "-i", key, *said, "-p", str(self._port), "root@127.0.0.1", command]

    def frozen(self) -> Disk:
        return replace(self._image, disk=self.disk)

    def throw_away(self) -> None:
        self.cut_power()
        with suppress(OSError):
            self.disk.unlink()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
