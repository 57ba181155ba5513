"""How worn disks are, as they tell themselves, and how much is written to them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from controller.core.forecast import DAY_S, GIGABYTE
from controller.doctor.checks.disk import folders
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown

PART = "wear"
SECTOR = 512
ENOUGH_S = 6 * 3600
"""So long a machine must run before what it writes in a day is worth telling."""
WORN, WORN_OUT = 80, 100
"""Per cent of what a disk is made for."""
CHANGE = "change it soon: restore a backup on a new one (docs/backup.md)"


def look(context: Context) -> Iterator[Finding]:
    seen: dict[str, list[str]] = {}
    for name, folder in folders(context):
        device = context.machine.device_name(context.machine.file_system(folder).device)
        seen.setdefault(device, []).append(name)
    for device, names in seen.items():
        what = " and ".join(names)
        yield from _worn(context, _disk_of(context, device), what)
        yield from _written(context, device, what)


def _disk_of(context: Context, device: str) -> str:
    """Of a partition, the disk that it is on."""
    if not context.machine.found(f"sys/class/block/{device}/partition"):
        return device
    return context.machine.parent(f"sys/class/block/{device}")


def _worn(context: Context, disk: str, what: str) -> Iterator[Finding]:
    kind = context.machine.text(f"sys/class/block/{disk}/device/type")
    if kind == "SD":
        yield hint(
            PART,
            f"{what}: on a memory card ({disk}), which wears out and does not tell how worn it is",
            "keep them on an SSD, and a spare card that is ready beside the machine",
        )
    elif kind == "MMC":
        yield from _built_in(context, disk, what)
    elif disk.startswith(("sd", "nvme")):
        yield from _smart(context, disk, what)
    else:
        yield unknown(PART, f"{what}: {disk or 'its disk'} does not tell how worn it is")


def _built_in(context: Context, disk: str, what: str) -> Iterator[Finding]:
    """eMMC (JESD84-B51): two figures in steps of ten per cent, the worse counts."""
    text = context.machine.text(f"sys/class/block/{disk}/device/life_time")
    try:
        used = max(int(figure, 16) for figure in (text or "").split()) * 10
    except ValueError:
        used = 0
    if not used:
        yield unknown(PART, f"{what}: {disk} does not tell how worn it is")
    else:
        yield from _used(used, f"{what}: {disk}")


def _smart(context: Context, disk: str, what: str) -> Iterator[Finding]:
    asked = context.machine.ask("smartctl", "--json", "--all", f"/dev/{disk}")
    if asked is None:
        yield unknown(
            PART, f"{what}: how worn {disk} is cannot be asked without smartctl", "install smartmontools"
        )
        return
    try:
        said = json.loads(asked.out)
        passed = said.get("smart_status", {}).get("passed")
        used = _percentage(said)
    except (ValueError, AttributeError, TypeError):
        passed, used = None, None
    if passed is False:
        yield fault(PART, f"{what}: {disk} says itself that it fails (SMART)", CHANGE)
    elif used is not None:
        yield from _used(used, f"{what}: {disk}")
    elif passed:
        yield ok(PART, f"{what}: {disk} finds no fault in itself (SMART)")
    else:
        remedy = None if context.machine.is_root else "run it as root"
        yield unknown(PART, f"{what}: {disk} does not tell how worn it is (SMART)", remedy)


def _percentage(said: dict[str, dict[str, object]]) -> int | None:
    """Of NVMe, and of SSDs whose smartctl knows it."""
    for table, key in (
        ("nvme_smart_health_information_log", "percentage_used"),
        ("endurance_used", "current_percent"),
    ):
        found = said.get(table, {}).get(key)
        if isinstance(found, int):
            return found
    return None


def _used(used: int, what: str) -> Iterator[Finding]:
    if used >= WORN_OUT:
        yield fault(PART, f"{what} is worn out: {used} % of what it is made for", CHANGE)
    elif used >= WORN:
        yield hint(PART, f"{what} is worn: {used} % of what it is made for", CHANGE)
    else:
        yield ok(PART, f"{what}: {used} % worn")


def _written(context: Context, device: str, what: str) -> Iterator[Finding]:
    text = context.machine.text(f"sys/class/block/{device}/stat")
    up_s = context.now.mono_us // 1_000_000
    fields = (text or "").split()
    if len(fields) < 7 or not fields[6].isdecimal() or up_s < ENOUGH_S:
        return
    written = int(fields[6]) * SECTOR
    yield ok(
        PART,
        f"{written * DAY_S / up_s / GIGABYTE:.1f} GB a day are written to the disk of {what}, "
        f"since the start {up_s // 3600} h ago",
    )
