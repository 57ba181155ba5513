"""Whatever people, staff and wires do: the lock is released only by a mode that says so, and not for ever.

The driver's own deadline is left out on purpose: here the door's machine alone must end what it began.
"""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.core.door import FIRE_MODES, RELEASING_MODES
from controller.core.door import Mode as DoorMode
from controller.door.inputs import BuildingInput, DoorInput

STAFF_CARD = "25891000331490"
STEPS = 150
LONGEST_S = 3 * 3600
"""Of a hold-open here: four minutes, or what is left of the staffed hours."""


@pytest.mark.parametrize("seed", range(12))
def test_every_release_ends(make_door, seed: int) -> None:
    chance = random.Random(seed)
    door = make_door(
        hour=chance.choice([9, 16, 19]),
        branch={
            "categories": {"staff": {"opens_up": True}},
            "inputs": {"fire": {"pin": 23}, "evacuation": {"pin": 5}},
        },
        readers=[{"port": "/dev/in"}, {"id": "out", "side": "out", "port": "/dev/out"}],
        exit_drives_lock=True,
        unlocked_when_staffed=True,
        held_warning_s=10,
        lock_sensor={"pin": 6, "settle_s": 1.0},
    )
    door.members.memberships[STAFF_CARD] = replace(
        door.members.memberships[door.cards.valid], category="staff"
    )
    door.begin()
    things: list[Callable[[], object]] = [
        lambda: door.swipe(door.cards.valid),
        lambda: door.swipe(door.cards.valid, reader="out"),
        lambda: door.swipe(STAFF_CARD),
        lambda: door.set(DoorInput.EXIT_BUTTON, chance.random() < 0.5),
        lambda: door.set(DoorInput.CONTACT, chance.random() < 0.5),
        lambda: door.set(DoorInput.LOCK_SENSOR, chance.random() < 0.5),
        lambda: door.set(BuildingInput.FIRE, chance.random() < 0.3),
        lambda: door.set(BuildingInput.EVACUATION, chance.random() < 0.3),
        *(
            lambda command=command: door.command(command)
            for command in (
                "unlock",
                "open-up",
                "end-hold-open",
                "lockdown",
                "end-lockdown",
                "end-lockdown",
                "evacuate",
                "end-evacuation",
                "end-evacuation",
            )
        ),
        lambda: door.command("hold-open", minutes=chance.randint(1, 4)),
        lambda: setattr(door.writer, "broken", chance.random() < 0.2),
        lambda: door.clock.advance(chance.randint(0, 3_000_000)),
    ]
    for _ in range(STEPS):
        chance.choice(things)()
        door.advance(chance.choice([0.02, 0.1, 1.0]))
        mode = door.service.doors["front"].machine.state.mode
        if mode not in FIRE_MODES:
            assert door.lock.released is (mode in RELEASING_MODES), mode
    door.writer.mend()
    door.set(BuildingInput.FIRE, False)
    door.set(BuildingInput.EVACUATION, False)
    door.advance(1)
    door.command("end-evacuation")
    door.command("end-lockdown")
    door.clock.advance(LONGEST_S * 1_000_000)
    door.advance(60)
    assert door.service.doors["front"].machine.state.mode is DoorMode.LOCKED
    assert not door.lock.released
