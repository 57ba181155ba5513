"""The power supply: under-voltage as the Raspberry Pi tells it, the heat, and the inputs from a battery."""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.states.door import DoorState
from controller.doctor.context import Context, NoSettings
from controller.doctor.finding import Finding, fault, hint, ok, unknown

PART = "power"
SUPPLY = (
    "use the Raspberry Pi's own power supply (5.1 V; Pi 4: 3 A, Pi 5: 5 A), a short thick cable and "
    "another supply for lock and lamps"
)
UNDER_VOLTAGE, SLOWED, TOO_HOT = 1 << 0, 1 << 1 | 1 << 2, 1 << 3
"""Bits of ``vcgencmd get_throttled``; 16 places up: that it has been so since the start."""
SINCE_START = 16
HOT = 80_000
"""Thousandths of a degree: from there on a Raspberry Pi slows itself down."""


def look(context: Context) -> Iterator[Finding]:
    yield from _voltage(context)
    yield from _heat(context)
    yield from _battery(context)


def _voltage(context: Context) -> Iterator[Finding]:
    asked = context.machine.ask("vcgencmd", "get_throttled")
    _, is_there, digits = asked.out.partition("throttled=0x") if asked else ("", "", "")
    if is_there:
        try:
            bits = int(digits, 16)
        except ValueError:
            yield unknown(PART, "vcgencmd gives an answer that means nothing here")
            return
        yield from _throttled(bits)
        return
    for alarm in context.machine.found("sys/class/hwmon/hwmon*/in0_lcrit_alarm"):
        if context.machine.text(f"{alarm.parent.relative_to(context.machine.root)}/name") == "rpi_volt":
            if alarm.read_text().strip() == "1":
                yield fault(PART, "the voltage is or was too low (under-voltage)", SUPPLY)
            else:
                yield ok(PART, "the voltage has not been too low")
            return
    yield unknown(PART, "this machine does not tell its voltage: it is no Raspberry Pi, or has no vcgencmd")


def _throttled(bits: int) -> Iterator[Finding]:
    before = bits >> SINCE_START
    if bits & UNDER_VOLTAGE:
        yield fault(PART, "the voltage is too low now (under-voltage)", SUPPLY)
    elif before & UNDER_VOLTAGE:
        yield fault(PART, "the voltage has been too low since the start (under-voltage)", SUPPLY)
    else:
        yield ok(PART, "the voltage has not been too low since the start")
    if (bits | before) & (SLOWED | TOO_HOT) and not (bits | before) & UNDER_VOLTAGE:
        yield hint(
            PART,
            "the machine has slowed itself down since the start",
            "cool it: a fan, or a cupboard with openings",
        )


def _heat(context: Context) -> Iterator[Finding]:
    text = context.machine.text("sys/class/thermal/thermal_zone0/temp")
    if text is not None and text.isdecimal() and int(text) >= HOT:
        yield hint(PART, f"it is {int(text) // 1000} °C hot", "cool it: a fan, or a cupboard with openings")


def _battery(context: Context) -> Iterator[Finding]:
    """As the door's wires tell."""
    try:
        inputs = context.settings.inputs
    except NoSettings:
        return
    if (inputs.mains_lost or inputs.battery_low) is None:
        return
    alarms = {alarm for state in context.journals["door"].all_of(DoorState) for alarm in state.alarms}
    if context.door is None:
        yield unknown(PART, f"whether there is mains and battery is not known, since {context.silence}")
    if any(alarm.startswith("battery_low") for alarm in alarms):
        yield fault(
            PART, "the battery is low", "bring back the mains, or see to the battery before it is empty"
        )
    if any(alarm.startswith("mains_lost") for alarm in alarms):
        yield fault(
            PART, "the mains are lost: the doors run on their battery", "look at the fuse and the supply"
        )
    elif context.door is not None:
        yield ok(PART, "there is mains power at the doors")
