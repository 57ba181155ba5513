"""Every rule in every situation, and the order and the times in which outputs get there."""

import random
from itertools import product

import pytest

from controller.core.hours import Mode
from controller.core.outputs import (
    GAP_US,
    RETRY_US,
    Level,
    Rule,
    Situation,
    Switch,
    Switchboard,
    Wanted,
    Why,
    wanted,
)

S = 1_000_000
ON, OFF = Level.ON, Level.OFF
EMPTY_US = 600 * S

OPEN = frozenset({Mode.STAFFED, Mode.UNSTAFFED})
LIGHTS = Rule("lights", OPEN, keep_while_occupied=ON, empty_us=EMPTY_US, in_emergency=ON)
ALARM = Rule("alarm", frozenset({Mode.CLOSED}), early_us=300 * S, keep_while_occupied=OFF, empty_us=EMPTY_US)

LEVELS = (None, ON, OFF)
RULES = [
    Rule("x", on_in, early_us, keep, off_when_empty, EMPTY_US, emergency, lockdown)
    for on_in, early_us, keep, off_when_empty, emergency, lockdown in product(
        (frozenset({Mode.UNSTAFFED}), frozenset({Mode.CLOSED})),
        (0, 60 * S),
        LEVELS,
        (False, True),
        LEVELS,
        LEVELS,
    )
]
SITUATIONS = [
    Situation(mode, opens_in_us, opens_as, empty_us, emergency, lockdown)
    for mode in (None, *Mode)
    for opens_in_us, opens_as in (
        ((None, None), (0, Mode.UNSTAFFED), (60 * S, Mode.UNSTAFFED), (60 * S + 1, Mode.UNSTAFFED))
        if mode is Mode.CLOSED
        else ((None, None),)
    )
    for empty_us, emergency, lockdown in product((None, EMPTY_US - 1, EMPTY_US), (False, True), (False, True))
]


def expected(rule: Rule, now: Situation) -> Level | None:
    """The rules said again, in another way."""
    for holds, level in ((now.emergency, rule.in_emergency), (now.lockdown, rule.in_lockdown)):
        if holds and level is not None:
            return level
    if now.mode is None:
        return None
    empty = now.empty_us == EMPTY_US
    early = now.opens_in_us is not None and now.opens_in_us <= rule.early_us
    in_its_hours = (Mode.UNSTAFFED if early else now.mode) in rule.on_in
    level = ON if in_its_hours and not (empty and rule.off_when_empty) else OFF
    return level if empty or rule.keep_while_occupied in (None, level) else None


def test_every_rule_in_every_situation() -> None:
    for rule, situation in product(RULES, SITUATIONS):
        want = wanted(rule, situation)
        assert (want and want.level) == expected(rule, situation), (rule, situation)


def test_every_why_of_a_wish_is_reached() -> None:
    found = {want.why for rule, at in product(RULES, SITUATIONS) if (want := wanted(rule, at))}
    assert found == set(Why) - {Why.START, Why.PULSE_ENDED}


def test_an_alarm_is_never_set_while_somebody_may_be_inside() -> None:
    for situation in SITUATIONS:
        want = wanted(ALARM, situation)
        if want is not None and want.level is ON:
            assert situation.empty_us == EMPTY_US


def test_an_alarm_is_unset_by_the_hours_alone_and_by_nobody_who_comes() -> None:
    for situation in SITUATIONS:
        want = wanted(ALARM, situation)
        if want is not None and want.level is OFF:
            assert situation.mode is not Mode.CLOSED or situation.opens_as is Mode.UNSTAFFED


def test_an_alarm_is_unset_before_the_branch_opens() -> None:
    for empty_us in (None, EMPTY_US):
        early = Situation(Mode.CLOSED, 300 * S, Mode.UNSTAFFED, empty_us)
        assert wanted(ALARM, early) == Wanted(OFF, Why.HOURS)
    assert wanted(ALARM, Situation(Mode.CLOSED, 301 * S, Mode.UNSTAFFED, EMPTY_US)) == Wanted(ON, Why.HOURS)


class Rig:
    """A switchboard and the time; ``happened`` is what it switched, with the second in which it did."""

    def __init__(self, *rules: Rule) -> None:
        self.board = Switchboard(rules)
        self.now_us = 1_000 * S
        self.happened: list[tuple[float, str, Level]] = []
        self.began = self.board.begin()

    def run(self, situation: Situation, duration_s: float) -> "Rig":
        start_us = self.now_us
        while self.now_us - start_us < duration_s * S:
            for switch in self.board.step(situation, self.now_us):
                self.happened.append(((self.now_us - start_us) / S, switch.id, switch.level))
            self.now_us += S // 4
        return self

    def forget(self) -> "Rig":
        self.happened.clear()
        return self


UNSTAFFED, CLOSED, UNKNOWN = Situation(Mode.UNSTAFFED), Situation(Mode.CLOSED), Situation(None)


def rules_of(*names: str, **settings: object) -> list[Rule]:
    return [Rule(name, frozenset({Mode.UNSTAFFED}), **settings) for name in names]  # type: ignore[arg-type]


def test_outputs_switch_in_their_order_with_a_gap_and_off_in_reverse() -> None:
    rig = Rig(*rules_of("a", "b", "c")).run(UNSTAFFED, 5)
    assert rig.happened == [(0, "a", ON), (0.5, "b", ON), (1, "c", ON)]
    rig.forget().run(CLOSED, 5)
    assert rig.happened == [(0, "c", OFF), (0.5, "b", OFF), (1, "a", OFF)]


def test_an_emergency_waits_for_no_gap_and_no_delay() -> None:
    rig = Rig(*rules_of("a", "b", in_emergency=ON, on_delay_us=60 * S))
    rig.run(Situation(Mode.CLOSED, emergency=True), 1)
    assert rig.happened == [(0, "a", ON), (0, "b", ON)]


def test_a_delay_begins_anew_when_the_wish_was_interrupted() -> None:
    rig = Rig(*rules_of("a", on_delay_us=4 * S, off_delay_us=2 * S))
    rig.run(UNSTAFFED, 3).run(CLOSED, 1).run(UNSTAFFED, 3)
    assert rig.happened == []
    rig.run(UNSTAFFED, 2).run(CLOSED, 3)
    assert rig.happened == [(1, "a", ON), (2, "a", OFF)]


@pytest.mark.parametrize("safe", LEVELS)
def test_after_a_start_an_output_is_safe_until_the_hours_are_known(safe: Level | None) -> None:
    rig = Rig(Rule("a", frozenset({Mode.UNSTAFFED}), safe=safe)).run(UNKNOWN, 60)
    assert rig.began == (() if safe is None else (Switch("a", safe, Why.START),))
    assert rig.happened == []
    assert rig.board.levels == {"a": safe}
    rig.run(UNSTAFFED, 1)
    assert rig.board.levels == {"a": ON}


def test_an_output_stays_as_it_is_when_the_hours_are_not_known_any_more() -> None:
    rig = Rig(LIGHTS).run(UNSTAFFED, 1).forget().run(UNKNOWN, 60)
    assert rig.happened == []
    assert rig.board.levels == {"lights": ON}
    rig.run(Situation(None, emergency=True), 1)
    assert rig.happened == []  # on already


def test_an_emergency_counts_although_the_hours_are_not_known() -> None:
    assert Rig(LIGHTS).run(Situation(None, emergency=True), 1).happened == [(0, "lights", ON)]


def test_a_pulse_ends_by_itself_and_comes_once_for_each_time() -> None:
    rig = Rig(*rules_of("set", pulse_us=2 * S)).run(UNSTAFFED, 60)
    assert rig.happened == [(0, "set", ON), (2, "set", OFF)]
    rig.forget().run(CLOSED, 60)
    assert rig.happened == []  # it is off already
    rig.run(UNSTAFFED, 60)
    assert rig.happened == [(0, "set", ON), (2, "set", OFF)]


@pytest.mark.parametrize("safe", [ON, None])
def test_a_pulse_that_a_crash_left_is_ended_at_the_start(safe: Level | None) -> None:
    with pytest.raises(ValueError, match="pulse"):
        Rule("set", frozenset(), pulse_us=S, safe=safe)


def test_a_pulse_is_cut_short_when_it_is_not_wanted_any_more() -> None:
    rig = Rig(*rules_of("set", pulse_us=30 * S)).run(UNSTAFFED, 1).forget().run(CLOSED, 60)
    assert rig.happened == [(0, "set", OFF)]


def test_what_could_not_be_driven_is_tried_again_but_not_all_the_time() -> None:
    rig = Rig(*rules_of("a")).run(UNSTAFFED, 1)
    rig.board.failed("a", rig.now_us)
    assert rig.board.levels == {"a": None}
    rig.forget().run(UNSTAFFED, 2 * RETRY_US / S)
    assert rig.happened == [(RETRY_US / S, "a", ON)]


def test_it_says_when_to_ask_again() -> None:
    rules = rules_of("pulsed", pulse_us=2 * S) + rules_of("delayed", "gap", on_delay_us=3 * S, off_delay_us=S)
    board = Switchboard(rules)
    board.begin()
    assert board.next_us() is None

    def switched(now_us: int, situation: Situation = UNSTAFFED) -> list[str]:
        return [f"{switch.id} {switch.level}" for switch in board.step(situation, now_us)]

    assert switched(10 * S) == ["pulsed on"]
    assert board.next_us() == 12 * S  # the end of the pulse
    assert switched(12 * S) == ["pulsed off"]
    assert board.next_us() == 13 * S  # the delay
    assert switched(13 * S) == ["delayed on"]
    assert board.next_us() == 13 * S + GAP_US
    assert switched(13 * S + GAP_US) == ["gap on"]
    assert board.next_us() is None
    assert switched(20 * S, CLOSED) == []
    assert board.next_us() == 21 * S
    assert switched(20 * S + S // 2, UNSTAFFED) == ["pulsed on"]  # the others are wanted no longer
    assert switched(23 * S, UNSTAFFED) == ["pulsed off"]
    assert board.next_us() is None
    assert switched(30 * S, CLOSED) == []
    assert switched(31 * S, CLOSED) == ["gap off"]
    board.failed("gap", 31 * S)
    assert board.next_us() == 31 * S + GAP_US
    assert switched(32 * S, CLOSED) == ["delayed off"]
    assert board.next_us() is None  # whoever looks now and then sees that the time has come


def test_whatever_happens_each_output_arrives_where_it_should_be_and_nowhere_else() -> None:
    chance = random.Random(7)
    for _ in range(200):
        rules = [
            Rule(
                f"{index}",
                frozenset(mode for mode in Mode if chance.random() < 0.5),
                keep_while_occupied=chance.choice(LEVELS),
                off_when_empty=chance.random() < 0.3,
                in_emergency=chance.choice(LEVELS),
                on_delay_us=chance.choice((0, 3 * S)),
                off_delay_us=chance.choice((0, 3 * S)),
                pulse_us=pulse_us,
                safe=OFF if pulse_us else chance.choice(LEVELS),
            )
            for index, pulse_us in enumerate((0, 0, 0, 2 * S))
        ]
        board, now_us, last_us = Switchboard(rules), 0, -GAP_US
        driven = {switch.id: switch.level for switch in board.begin()}
        for situation in chance.choices(SITUATIONS, k=6):
            for _ in range(chance.choice((1, 10, 40))):
                now_us += S // 2
                for switch in board.step(situation, now_us):
                    rule = rules[int(switch.id)]
                    if switch.why is not Why.PULSE_ENDED:
                        assert wanted(rule, situation) == Wanted(switch.level, switch.why)
                        assert switch.why is Why.EMERGENCY or now_us - last_us >= GAP_US
                        last_us = now_us
                    assert driven.get(switch.id) is not switch.level
                    driven[switch.id] = switch.level
        for _ in range(40):
            now_us += S // 2
            driven |= {switch.id: switch.level for switch in board.step(situation, now_us)}
        for rule in rules:
            want = wanted(rule, situation)
            if want is not None:
                assert board.levels[rule.id] is want.level
                assert driven[rule.id] is (OFF if rule.pulse_us else want.level)
