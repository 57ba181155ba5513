"""Relays that follow the branch: lights, heating, kiosks' power, an intruder alarm that is set and unset.

Here: which level each output should have, and in which order and after which delay it gets there. Never
here: pins, threads or clocks. The situation is looked at afresh each time and nothing of a schedule is
remembered, so no restart carries out what was due before it.

What decides, the strongest first:

1. A fire or an evacuation, then a lockdown, where the output says what it does then: at once, all of them.
2. The hours: on in those of ``on_in``, off in all others. Before the branch opens, the hours to come count
   ``early_us`` ahead. With ``off_when_empty``, off as well when nobody has been inside for ``empty_us``.
3. Whether that may be carried out: with ``keep_while_occupied`` an output does not leave that level as long
   as somebody is inside, or has left less than ``empty_us`` ago, or nobody knows. Lights are kept on, and an
   alarm is kept off. That somebody comes never switches anything on or off by this: an intruder would
   otherwise unset the alarm by walking past a counter.

Outputs are switched on in the order of the settings, and off in the reverse order.

While the hours are not known, because the clock cannot be believed, an output stays as it is, and after a
start at its ``safe`` level. Nothing here is life safety: emergency lighting, sounders and the fire
release belong to their own wiring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from controller.core.hours import Mode

GAP_US = 500_000
"""Between two outputs that switch, so that their loads do not all start at once. Not in an emergency."""
RETRY_US = 10_000_000
"""An output that could not be driven is tried again after this."""


class Level(StrEnum):
    ON = "on"
    OFF = "off"


class Why(StrEnum):
    """What made an output change."""

    START = "start"
    HOURS = "hours"
    EMPTY = "empty"
    EMERGENCY = "emergency"
    LOCKDOWN = "lockdown"
    PULSE_ENDED = "pulse_ended"


AT_ONCE = frozenset({Why.EMERGENCY, Why.LOCKDOWN})


@dataclass(frozen=True, slots=True)
class Rule:
    """One output. A level that is None leaves the decision to what is weaker.

    on_in: hours in which it is on. pulse_us: how long it is on each time it is switched on; 0 until it is
    switched off. safe: its level after a start until the situation is known; None leaves the pin alone.
    The others: see above.
    """

    id: str
    on_in: frozenset[Mode]
    early_us: int = 0
    keep_while_occupied: Level | None = None
    off_when_empty: bool = False
    empty_us: int = 0
    in_emergency: Level | None = None
    in_lockdown: Level | None = None
    on_delay_us: int = 0
    off_delay_us: int = 0
    pulse_us: int = 0
    safe: Level | None = Level.OFF

    def __post_init__(self) -> None:
        if self.pulse_us and self.safe is not Level.OFF:
            raise ValueError("a pulse ends, also one that a process was too dead to end: it must be safe off")


@dataclass(frozen=True, slots=True)
class Situation:
    """The branch now. mode: its hours, None while the clock cannot be believed.

    opens_in_us: while closed, how long until it opens, and opens_as what; None if it is open, or not soon.
    empty_us: how long nobody has been inside; None while somebody is, or nobody knows.
    emergency: fire or evacuation.
    """

    mode: Mode | None
    opens_in_us: int | None = None
    opens_as: Mode | None = None
    empty_us: int | None = None
    emergency: bool = False
    lockdown: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """The level that an output should have, and why."""

    level: Level
    why: Why


@dataclass(frozen=True, slots=True)
class Switch:
    """Drive this output to this level now."""

    id: str
    level: Level
    why: Why


def wanted(rule: Rule, situation: Situation) -> Wanted | None:
    """What this output should be like in this situation; None: as it is."""
    if situation.emergency and rule.in_emergency is not None:
        return Wanted(rule.in_emergency, Why.EMERGENCY)
    if situation.lockdown and rule.in_lockdown is not None:
        return Wanted(rule.in_lockdown, Why.LOCKDOWN)
    if situation.mode is None:
        return None
    is_empty = situation.empty_us is not None and situation.empty_us >= rule.empty_us
    mode = situation.mode
    if situation.opens_as is not None and (situation.opens_in_us or 0) <= rule.early_us:
        mode = situation.opens_as
    want = Wanted(Level.ON if mode in rule.on_in else Level.OFF, Why.HOURS)
    if rule.off_when_empty and is_empty and want.level is Level.ON:
        want = Wanted(Level.OFF, Why.EMPTY)
    if rule.keep_while_occupied not in (None, want.level) and not is_empty:
        return None
    return want


@dataclass(slots=True)
class _Output:
    """level: as it was driven last; None while nobody knows. asked_us: since when another is wanted."""

    rule: Rule
    level: Level | None = None
    asked: Level | None = None
    asked_us: int = 0
    pulse_ends_us: int | None = None
    not_before_us: int = 0


class Switchboard:
    """The outputs of a branch, in the order of the settings. Used by one thread.

    Times are microseconds of a clock that never steps. ``begin`` comes first.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._outputs = {rule.id: _Output(rule) for rule in rules}
        self._last_us: int | None = None

    @property
    def levels(self) -> dict[str, Level | None]:
        """What each output was last switched to; None: not known. For a pulsed one, whether its pulse was."""
        return {name: output.level for name, output in self._outputs.items()}

    def begin(self) -> tuple[Switch, ...]:
        """The level of each output until its situation is known, if it declares one."""
        switches = []
        for name, output in self._outputs.items():
            if output.rule.safe is not None:
                output.level = output.rule.safe
                switches.append(Switch(name, output.rule.safe, Why.START))
        return tuple(switches)

    def step(self, situation: Situation, now_us: int) -> tuple[Switch, ...]:
        """What to switch now, in this order. To be asked again at ``next_us``, and every second or so."""
        switches = [
            Switch(name, Level.OFF, Why.PULSE_ENDED)
            for name, output in self._outputs.items()
            if self._pulse_ended(output, now_us)
        ]
        # What was switched on last goes off first.
        turns = [*self._outputs.items()]
        going_off = [turn for turn in reversed(turns) if self._goes(turn[1], situation, Level.OFF)]
        going_on = [turn for turn in turns if self._goes(turn[1], situation, Level.ON)]
        for name, output in (*going_off, *going_on):
            if (switch := self._due(name, output, situation, now_us)) is not None:
                switches.append(switch)
        return tuple(switches)

    def next_us(self) -> int | None:
        """When something is due that has been asked for; None if nothing has."""
        moments = [
            output.pulse_ends_us for output in self._outputs.values() if output.pulse_ends_us is not None
        ]
        for output in self._outputs.values():
            if output.asked is not None:
                rule = output.rule
                delay_us = rule.on_delay_us if output.asked is Level.ON else rule.off_delay_us
                after_gap_us = 0 if self._last_us is None else self._last_us + GAP_US
                moments.append(max(output.asked_us + delay_us, after_gap_us, output.not_before_us))
        return min(moments, default=None)

    def failed(self, name: str, now_us: int) -> None:
        """This output could not be driven: it will be tried again."""
        output = self._outputs[name]
        output.level, output.pulse_ends_us = None, None
        output.not_before_us = now_us + RETRY_US

    @staticmethod
    def _pulse_ended(output: _Output, now_us: int) -> bool:
        if output.pulse_ends_us is None or now_us < output.pulse_ends_us:
            return False
        output.pulse_ends_us = None
        return True

    @staticmethod
    def _goes(output: _Output, situation: Situation, level: Level) -> bool:
        want = wanted(output.rule, situation)
        if want is None or want.level is output.level:
            output.asked = None
            return False
        return want.level is level

    def _due(self, name: str, output: _Output, situation: Situation, now_us: int) -> Switch | None:
        want = wanted(output.rule, situation)
        if want is None or now_us < output.not_before_us:
            return None
        if output.asked is not want.level:
            output.asked, output.asked_us = want.level, now_us
        rule = output.rule
        if want.why not in AT_ONCE:
            delay_us = rule.on_delay_us if want.level is Level.ON else rule.off_delay_us
            if now_us - output.asked_us < delay_us:
                return None
            if self._last_us is not None and now_us - self._last_us < GAP_US:
                return None
        is_off_already = rule.pulse_us and output.level is Level.ON and output.pulse_ends_us is None
        output.level, output.asked = want.level, None
        output.pulse_ends_us = now_us + rule.pulse_us if want.level is Level.ON and rule.pulse_us else None
        if is_off_already:
            return None
        self._last_us = now_us
        return Switch(name, want.level, want.why)
