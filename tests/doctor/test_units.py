from __future__ import annotations

from typing import TYPE_CHECKING

from controller.doctor.machine import Answer
from controller.settings.paths import JOURNALS

if TYPE_CHECKING:
    from conftest import Rig


def systemd(rig: Rig, **changed: dict[str, str]) -> None:
    """It says this of the units. changed: by the name of a service, or ``target``."""
    rig.machine.has("run/systemd/system/.here")
    units = []
    for name in ("target", *JOURNALS, *(changed.keys() - {"target", *JOURNALS})):
        unit = {
            "Id": "unlocked.target" if name == "target" else f"unlocked-{name}.service",
            "LoadState": "loaded",
            "ActiveState": "active",
            "Result": "success",
            "NRestarts": "0",
            "UnitFileState": "enabled",
            "NeedDaemonReload": "no",
        } | changed.get(name, {})
        units.append("\n".join(f"{key}={value}" for key, value in unit.items()))
    rig.machine.says["systemctl"] = Answer(0, "\n\n".join(units))


def test_without_systemd_that_is_said(rig: Rig) -> None:
    assert "systemd does not run here" in rig.look("units").unknown


def test_all_is_in_order(rig: Rig) -> None:
    systemd(rig)
    found = rig.look("units")

    assert "unlocked-door.service: active" in found.fine
    assert not found.faults
    assert not found.hints


def test_what_is_wrong_with_units(rig: Rig) -> None:
    systemd(
        rig,
        target={"UnitFileState": "disabled"},
        door={"ActiveState": "failed", "Result": "watchdog"},
        recorder={"ActiveState": "inactive"},
        uplink={"LoadState": "not-found", "ActiveState": "inactive"},
        nightly={"ActiveState": "failed", "Result": "exit-code"},
        daily={"ActiveState": "inactive"},
        console={"NRestarts": "4", "NeedDaemonReload": "yes"},
    )
    found = rig.look("units")

    assert "unlocked.target: not started with the machine (disabled)" in found.faults
    assert "unlocked-door.service: failed (watchdog)" in found.faults
    assert "unlocked-nightly.service: failed (exit-code)" in found.faults
    assert "unlocked-daily" not in str(found)
    assert "unlocked-recorder.service: inactive" in found.faults
    assert "unlocked-uplink.service: systemd does not know it (not-found)" in found.faults
    assert "unlocked-console.service: systemd has started it anew 4 times" in found.hints
    assert "daemon-reload" in found.hints
