"""What the machine starts from: Debian with systemd, made once by mmdebstrap and kept.

Here: what is in it. A folder for a container; a disk, a kernel and pins for a machine of its own. Never
here: anything of ours; the package is what is tried.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("ca-certificates", "dbus", "iproute2", "procps", "python3", "systemd-sysv", "udev")
OF_A_MACHINE = ("initramfs-tools", "linux-image-amd64", "openssh-server", "zstd")
"""What a machine of its own needs beside them: a kernel, and a way in."""
SIZE = "6G"
REVISION = "a03111"
"""Of a Raspberry Pi 4B; gpiozero asks for it."""


@dataclass(frozen=True, slots=True)
class Root:
    """Folders that lie over each other, the first on top, and that nobody changes."""

    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Disk:
    """Files that a machine starts from, and the key it lets in. No machine changes them."""

    disk: Path
    kernel: Path
    initrd: Path
    key: Path


Image = Root | Disk


def missing(*programs: str) -> list[str]:
    """Which of them are not installed."""
    return [name for name in programs if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None]


def root(cache: Path, release: str, depends: tuple[str, ...]) -> Root:
    """The root folder of a release with the packages that ours depends on. Half a minute the first time."""
    folder = cache / f"{release}-root-{_digest(release, *depends)}"
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        cache.mkdir(parents=True, exist_ok=True)
        extra = _laid_out(cache / "extra", {})
        _mmdebstrap(
            release, {*PACKAGES, *depends}, part, [f"--customize-hook=sync-in {extra} /"], "directory"
        )
        part.rename(folder)
    return Root((folder,))


def disk(cache: Path, release: str, depends: tuple[str, ...]) -> Disk:
    """The disk of a release with a kernel and its simulated pins. Some minutes the first time."""
    folder = cache / f"{release}-disk-{_digest(release, (HERE / 'pins.sh').read_text(), *depends)}"
    image = Disk(folder / "disk.qcow2", folder / "vmlinuz", folder / "initrd.img", folder / "key")
    if not image.disk.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _make_disk(folder, release, depends)
        (folder / "disk.part").rename(image.disk)
    return image


def _make_disk(folder: Path, release: str, depends: tuple[str, ...]) -> None:
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / "key"))
    extra = _laid_out(
        folder / "extra", OF_THE_WIRES | {"root/.ssh/authorized_keys": (folder / "key.pub").read_text()}
    )
    hooks = (
        f"sync-in {extra} /",
        f"copy-in {HERE / 'pins.sh'} /tmp",
        'chroot "$1" sh -c "/tmp/pins.sh && rm /tmp/pins.sh"',
        'chroot "$1" systemctl enable systemd-networkd pins.service',
        'chroot "$1" update-initramfs -u -k all',
        f'cp "$1"/boot/vmlinuz-* {folder / "vmlinuz"}',
        f'cp "$1"/boot/initrd.img-* {folder / "initrd.img"}',
    )
    packages = {*PACKAGES, *OF_A_MACHINE, *depends}
    _mmdebstrap(release, packages, folder / "root.tar", [f"--customize-hook={hook}" for hook in hooks], "tar")
    _run("truncate", f"--size={SIZE}", str(folder / "raw"))
    # fakeroot remembers owners, so that a user who is not root can make the file system as well.
    _run(
        *("fakeroot", "sh", "-euc"),
        "mkdir root; tar --extract --file root.tar --directory root; "
        'PATH="$PATH:/usr/sbin" mkfs.ext4 -q -L root -d root raw; rm -r root root.tar',
        at=folder,
    )
    _run("qemu-img", "convert", "-O", "qcow2", "raw", "disk.part", at=folder)
    (folder / "raw").unlink()


def _mmdebstrap(release: str, packages: set[str], target: Path, hooks: list[str], form: str) -> None:
    include = f"--include={','.join(sorted(packages))}"
    _run("mmdebstrap", "--variant=minbase", f"--format={form}", include, *hooks, release, str(target))


def _digest(*told: str) -> str:
    return hashlib.sha256("\n".join((Path(__file__).read_text(), *told)).encode()).hexdigest()[:12]


def _laid_out(extra: Path, files: dict[str, str]) -> Path:
    """What is put into the root beside Debian's packages."""
    shutil.rmtree(extra, ignore_errors=True)
    everywhere = {
        "etc/hostname": "branch\n",
        "etc/hosts": "127.0.0.1 localhost branch\n",
        # The log has to outlive the machine's end, for whoever looks why.
        "etc/systemd/journald.conf.d/kept.conf": "[Journal]\nStorage=persistent\nSyncIntervalSec=1\n",
    }
    for name, text in (everywhere | files).items():
        file = extra / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.parent.chmod(0o700 if file.parent.name == ".ssh" else 0o755)
        file.chmod(0o755 if text.startswith("#!") else 0o644)
    return extra


OF_THE_WIRES = {
    "etc/fstab": "/dev/vda / ext4 rw 0 1\n",
    "etc/systemd/network/wire.network": "[Match]\nName=en*\n[Network]\nAddress=10.0.2.15/24\n",
    "etc/modules-load.d/pins.conf": "pins\n",
    "etc/udev/rules.d/60-gpio.rules": 'SUBSYSTEM=="gpio", KERNEL=="gpiochip*", GROUP="gpio", MODE="0660"\n',
    "etc/unlocked-machine/cpuinfo": f"Hardware\t: BCM2835\nRevision\t: {REVISION}\n",
    "etc/unlocked-machine/pins": """\
#!/bin/sh
# The chip's 28 lines, as a Raspberry Pi has them.
set -eu
chip=/sys/kernel/config/gpio-sim/pi
mkdir -p "$chip/bank"
echo 28 >"$chip/bank/num_lines"
echo 1 >"$chip/live"
""",
    "etc/systemd/system/pins.service": """\
[Unit]
Description=The simulated chip of the door's pins
DefaultDependencies=no
After=systemd-modules-load.service sys-kernel-config.mount
Requires=sys-kernel-config.mount
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/etc/unlocked-machine/pins
[Install]
WantedBy=sysinit.target
""",
}


def _run(*command: str, at: Path | None = None) -> None:
    ended = subprocess.run(command, cwd=at, capture_output=True, text=True)
    if ended.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}"[-4000:]
        )
