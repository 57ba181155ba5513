from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Rig

OPT = "opt/unlocked"


def installed(rig: Rig, newest: str, in_use: str) -> None:
    rig.machine.has(f"{OPT}/package/RELEASE", newest)
    rig.machine.has(f"{OPT}/releases/{newest}/RELEASE", newest)
    rig.machine.has(f"{OPT}/releases/{in_use}/RELEASE", in_use)
    rig.machine.link(f"{OPT}/current", f"{OPT}/releases/{in_use}")


def test_a_checkout_is_in_order(rig: Rig) -> None:
    assert "not from a package" in rig.look("release").fine


def test_the_newest_is_in_use(rig: Rig) -> None:
    installed(rig, "2.0", "2.0")

    assert "2.0 is in use" in rig.look("release").fine


def test_an_upgrade_that_was_taken_back(rig: Rig) -> None:
    installed(rig, "2.0", "1.0")
    assert "2.0 is installed, and 1.0 is in use" in rig.look("release").hints
    rig.machine.has(f"{OPT}/releases/2.0/REFUSED", "unlocked-door.service ended again\n")
    assert (
        "2.0 was taken back, since unlocked-door.service ended again; 1.0 is in use"
        in rig.look("release").faults
    )


def test_an_upgrade_that_was_interrupted(rig: Rig) -> None:
    installed(rig, "2.0", "2.0")
    rig.machine.has(f"{OPT}/trying", "a-boot")

    assert "an upgrade was interrupted" in rig.look("release").faults
