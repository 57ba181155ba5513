"""The units of systemd: is each there, does it run, does it start with the machine, was it started anew?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok, unknown
from controller.settings.paths import JOURNALS

PART = "units"
TARGET = "unlocked.target"
NAMES = (TARGET, *(f"unlocked-{service}.service" for service in JOURNALS))
"""Those that run all the time; of others, such as what a timer starts, only a failure is told."""
PROPERTIES = "Id,LoadState,ActiveState,SubState,Result,NRestarts,UnitFileState,NeedDaemonReload"


def look(context: Context) -> Iterator[Finding]:
    if not context.machine.has_systemd:
        yield unknown(
            PART, "systemd does not run here: whoever runs the services starts them again, or nobody does"
        )
        return
    shown = show(context)
    if not shown:
        yield unknown(PART, "systemctl does not answer")
        return
    for name in NAMES:
        yield from _one(name, shown.get(name, {}))
    for name in sorted(shown.keys() - set(NAMES)):
        if shown[name].get("ActiveState") == "failed":
            yield fault(
                PART, f"{name}: failed ({shown[name].get('Result', '')})", f"`journalctl -u {name}` says why"
            )
    if any(unit.get("NeedDaemonReload") == "yes" for unit in shown.values()):
        yield hint(PART, "units were changed, and systemd does not know yet", "`systemctl daemon-reload`")


def show(context: Context) -> dict[str, Mapping[str, str]]:
    """What systemd says of each unit, by its name."""
    asked = context.machine.ask("systemctl", "show", f"--property={PROPERTIES}", *NAMES, "unlocked-*")
    if asked is None or asked.code:
        return {}
    found: dict[str, Mapping[str, str]] = {}
    for block in asked.out.split("\n\n"):
        unit = dict(line.partition("=")[::2] for line in block.splitlines() if "=" in line)
        found[unit.get("Id", "")] = unit
    return found


def _one(name: str, unit: Mapping[str, str]) -> Iterator[Finding]:
    state = unit.get("ActiveState", "unknown")
    log = f"`journalctl -u {name}`"
    if unit.get("LoadState") != "loaded":
        yield fault(
            PART,
            f"{name}: systemd does not know it ({unit.get('LoadState', 'not found')})",
            "install the package anew",
        )
        return
    if state == "failed":
        yield fault(PART, f"{name}: failed ({unit.get('Result', '')})", f"{log} says why")
    elif state != "active":
        yield fault(PART, f"{name}: {state}", f"`systemctl start {name}`, then {log}")
    else:
        yield ok(PART, f"{name}: active")
    if name == TARGET and unit.get("UnitFileState") not in ("enabled", "enabled-runtime", "static"):
        yield fault(
            PART,
            f"{name}: not started with the machine ({unit.get('UnitFileState')})",
            f"`systemctl enable {name}`",
        )
    restarts = unit.get("NRestarts", "0")
    if restarts.isdecimal() and int(restarts):
        yield hint(PART, f"{name}: systemd has started it anew {restarts} times", f"{log} says why")
