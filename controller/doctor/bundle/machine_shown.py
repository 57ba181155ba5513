"""What the machine is and which releases of what run on it. Never its name, its addresses or who uses it."""

from __future__ import annotations

import platform
import re
import sqlite3
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from controller.core.forecast import MEGABYTE
from controller.doctor.checks.disk import folders
from controller.doctor.checks.units import PROPERTIES, show
from controller.doctor.context import Context

SHOWN = tuple(key for key in PROPERTIES.split(",") if key != "Id")
OURS = "libraries-unlocked"
NAME = re.compile(r"[A-Za-z0-9._-]+")


def versions(context: Context) -> Iterator[str]:
    """A line each."""
    yield f"unlocked {_version(OURS)}"
    yield f"python {platform.python_version()}"
    yield f"sqlite {sqlite3.sqlite_version}"
    yield f"kernel {platform.release()} {platform.machine()}"
    for line in (context.machine.text("etc/os-release") or "").splitlines():
        if line.startswith("PRETTY_NAME="):
            yield f"system {line.partition('=')[2].strip(chr(34))}"
    if model := context.machine.text("proc/device-tree/model"):
        yield f"model {model.rstrip(chr(0))}"
    names = {found[0].lower() for one in requires(OURS) or () if (found := NAME.match(one))} - {OURS}
    for name in sorted(names):
        if (known := _version(name)) != "none":
            yield f"{name} {known}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def machine(context: Context) -> Iterator[str]:
    """A line each."""
    yield f"up for {context.now.mono_us // 3_600_000_000} h"
    yield f"clock set by a time server: {'yes' if context.now.synchronised else 'no'}"
    for line in (context.machine.text("proc/meminfo") or "").splitlines():
        if line.startswith(("MemTotal:", "MemAvailable:", "SwapTotal:", "SwapFree:")):
            yield " ".join(line.split())
    if load := context.machine.text("proc/loadavg"):
        yield f"load {' '.join(load.split()[:3])}"
    for name, folder in folders(context):
        system = context.machine.file_system(folder)
        yield (
            f"disk of {name}: {system.total // MEGABYTE} MB, {system.free // MEGABYTE} MB free"
            f"{', can only be read' if system.read_only else ''}"
        )


def units(context: Context) -> Iterator[str]:
    """A line each, as systemd has them."""
    if not context.machine.has_systemd:
        yield "systemd does not run here"
    for name, unit in show(context).items() if context.machine.has_systemd else ():
        yield " ".join([name, *(f"{key}={unit[key]}" for key in SHOWN if key in unit)])
