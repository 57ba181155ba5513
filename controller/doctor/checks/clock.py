"""The clock: is it set, may it be believed, and does it last through a power cut?"""

from __future__ import annotations

from collections.abc import Iterator

from controller.doctor.context import Context, NoSettings
from controller.doctor.finding import Finding, fault, hint, ok, unknown

PART = "clock"
OFF_S = 5
"""A battery clock that is further from the time than this wants setting."""


def look(context: Context) -> Iterator[Finding]:
    yield from _set(context)
    yield from _battery_clock(context)
    yield from _believed(context)


def _set(context: Context) -> Iterator[Finding]:
    if context.now.synchronised:
        yield ok(PART, "it is set by a time server")
        return
    what = "no time server has set it since the start"
    try:
        assumed = context.settings.clock.assume_trusted
    except NoSettings:
        assumed = False
    remedy = "give the machine a network with a time server (`timedatectl timesync-status`)"
    if assumed or context.machine.found("sys/class/rtc/rtc0"):
        yield hint(PART, what, remedy)
    else:
        yield fault(PART, f"{what}, and there is no battery clock", f"{remedy}, or fit a battery clock")


def _battery_clock(context: Context) -> Iterator[Finding]:
    declared = _declared(context)
    if not context.machine.found("sys/class/rtc/rtc*"):
        if declared:
            yield fault(
                PART,
                "the settings name a battery clock, and there is none",
                "fit it (dtoverlay=i2c-rtc in config.txt), or set clock.battery_clock = false",
            )
            return
        yield hint(
            PART,
            "there is no battery clock: after a power cut without a network no card opens the door",
            "fit one with its battery, and set clock.battery_clock = true",
        )
        return
    text = context.machine.text("sys/class/rtc/rtc0/since_epoch")
    if text is None or not text.isdecimal():
        yield unknown(PART, "there is a battery clock, and it does not tell the time")
    elif abs(off := int(text) - context.now.wall_us // 1_000_000) > OFF_S:
        yield fault(
            PART,
            f"the battery clock is {abs(off)} s {'ahead' if off > 0 else 'behind'}",
            "`hwclock --systohc` sets it once the time is right; if it is wrong again, change its battery",
        )
    else:
        yield ok(PART, "there is a battery clock, and it is right")
    if declared is False:
        yield hint(
            PART,
            "there is a battery clock, and the settings do not say so: without a network it is not believed",
            "set clock.battery_clock = true if it keeps its time with the power off",
        )


def _declared(context: Context) -> bool | None:
    """Whether the settings name one; None: they cannot be used."""
    try:
        return context.settings.clock.battery_clock
    except NoSettings:
        return None


def _believed(context: Context) -> Iterator[Finding]:
    try:
        clock = context.settings.clock
    except NoSettings:
        return
    if clock.assume_trusted:
        yield hint(
            PART, "it is believed without a reason (clock.assume_trusted)", "remove that at a real branch"
        )
    if context.door is None:
        yield unknown(PART, f"whether the door believes it is not known, since {context.silence}")
    elif context.door.clock_trusted:
        yield ok(PART, "the door believes it")
    else:
        yield fault(
            PART,
            "the door does not believe it: every card is refused",
            "give the machine a time server, or fit a battery clock; then wait for a minute",
        )
