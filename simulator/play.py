"""Playing a scenario at a branch: each step at its time, then what came of it.

Here: doing the steps, and finding what was expected in the journals. What differs is collected, not
raised, so that an evening is played to its end. Never here: printing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial

from controller.core.event import EventType
from controller.settings.paths import JOURNALS
from simulator.branch import Branch
from simulator.camera.film import Condition
from simulator.door import Door, Reader, everybody
from simulator.faults.databases import DATABASES
from simulator.faults.machine import ClockIs, Disk
from simulator.lms.system import WORDS, be
from simulator.patience import Patience
from simulator.scenario import Action, Expected, Scenario, Step
from simulator.services import BranchError

OF_A_READER = (
    EventType.ACCESS_GRANTED,
    EventType.ACCESS_REFUSED,
    EventType.READER_LOST,
    EventType.READER_FOUND,
)
OF_NO_DOOR = (EventType.JOURNAL_RECOVERED,)
AT_THE_READER = (Action.SWIPE, Action.PRESENT, Action.MISREAD)


def play(
    branch: Branch,
    scenario: Scenario,
    before: Callable[[Step], None] = lambda _: None,
    at: tuple[Door, Reader] | None = None,
    since: Mapping[str, int] | None = None,
) -> list[str]:
    """Play every step; returns what was not as expected, a line each.

    before: called with each step as it begins. at: where, if not at the front door and its first reader.
    since: from which event of each service on the first step's may be; else they follow it.
    """
    door, reader = at or (branch.front, branch.reader)
    patience = Patience(branch, door, reader)
    differences = []
    start_s = time.monotonic()
    for step in scenario.steps:
        time.sleep(max(0.0, start_s + step.at_s - time.monotonic()))
        before(step)
        positions = since or {service: branch.last_seq(service) for service in JOURNALS}
        since = None
        if step.action is Action.DAMAGE:
            positions = {**positions, DATABASES[step.what][0]: 0}  # a journal that is begun anew counts anew
        try:
            act = partial(do, branch, step, door, reader)
            if step.action in AT_THE_READER:
                patience.present(act)
            else:
                if step.action is Action.UNPLUG and step.what == "reader":
                    patience.until_back()
                act()
            for expected in step.expect:
                found = branch.wait_for(
                    expected.type,
                    after=positions[expected.service],
                    limit_s=step.within_s,
                    service=expected.service,
                    door=door if expected.service == "door" and expected.type not in OF_NO_DOOR else None,
                    meanwhile=patience.again,
                    **_data(step, expected, reader),
                )
                patience.seen(found)
            if step.expect:
                patience.until_answered()
        except BranchError as error:
            why = str(error).splitlines()[0]
            differences.append(f"{step.action} {step.what}, at {step.at_s:g} s: {why}")
    return differences


def _data(step: Step, expected: Expected, reader: Reader) -> Mapping[str, object]:
    """What the event must have: what comes of another reader of the door belongs to another step."""
    at_it = step.action in AT_THE_READER or step.what == "reader"
    return {**expected.data, **({"reader": reader.id} if at_it and expected.type in OF_A_READER else {})}


def do(branch: Branch, step: Step, door: Door, reader: Reader) -> None:
    """The step's action. Raises BranchError."""
    match step.action:
        case Action.SWIPE:
            reader.swipe(step.what)
        case Action.PRESENT:
            reader.present(step.what)
        case Action.MISREAD:
            reader.misread(step.what)
        case Action.SEND:
            reader.wire.send(step.what.encode("latin-1") + b"\r")
        case Action.PUSH:
            door.press_exit()
        case Action.DOOR if door is branch.front:
            branch.open_door() if step.what == "open" else branch.close_door()
        case Action.DOOR:
            door.open() if step.what == "open" else door.shut()
        case Action.UNPLUG | Action.PLUG if step.what == "reader":
            reader.wire.plug() if step.action is Action.PLUG else reader.wire.unplug()
        case Action.UNPLUG | Action.PLUG:
            _plug(branch, step.what, step.action is Action.PLUG)
        case Action.WALK:
            if branch.camera is not None:
                branch.camera.walk()
        case Action.FIRE:
            branch.fire(step.what == "on")
        case Action.WIRE:
            name, level = step.what.split()
            branch.wire(name, level == "on")
        case Action.BOLT if step.what == "works":
            branch.front.bolt_works()
        case Action.BOLT:
            branch.front.bolt(step.what == "holds")
        case Action.CAMERA:
            if branch.camera is not None:
                branch.camera.be(Condition(step.what))
        case Action.LMS:
            _be(branch, step.what)
        case Action.KILL:
            branch.kill(step.what)
        case Action.HANG:
            branch.hang(step.what)
        case Action.DISK:
            branch.machine.disk(Disk(step.what))
        case Action.CLOCK:
            branch.machine.clock(ClockIs(step.what))
        case Action.DAMAGE:
            branch.damage(step.what)
        case Action.POWER:
            _power(branch, step.what)
        case Action.MEMBERS:
            branch.import_members(everybody(branch.doors))
        case Action.COMMAND:
            branch.unlocked("door", *step.what.split())


def _plug(branch: Branch, device: str, plugged: bool) -> None:
    match device:
        case "display":
            branch.display.plug() if plugged else branch.display.unplug()
        case "camera" if branch.camera is not None:
            branch.camera.away(not plugged)
        case "broker" if branch.broker is not None:
            branch.broker.start() if plugged else branch.broker.stop()
        case _:
            raise BranchError(f"this branch has no {device}")


def _be(branch: Branch, word: str) -> None:
    if branch.lms is None:
        raise BranchError("this branch has no library management system")
    be(branch.lms, WORDS[WORDS.index(word)])


def _power(branch: Branch, word: str) -> None:
    match word:
        case "cut":
            branch.cut_power()
        case "flickers":
            branch.flicker()
        case _:
            branch.start()
