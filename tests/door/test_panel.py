from collections.abc import Mapping

import pytest

from controller.core.outcome import TEXTS, Lines, Outcome
from controller.devices import SignalStep
from controller.door.panel import SHOWN_S, Panel
from controller.door.signals import STEPS


class FakeSignal:
    def __init__(self) -> None:
        self.played: list[tuple[SignalStep, ...]] = []

    def play(self, steps: tuple[SignalStep, ...]) -> None:
        self.played.append(steps)

    def close(self) -> None: ...


class FakeDisplay:
    def __init__(self) -> None:
        self.shown: list[tuple[tuple[str, ...], float]] = []
        self.lost = False

    def show(self, lines: tuple[str, ...], duration_s: float) -> None:
        self.shown.append((lines, duration_s))

    def close(self) -> None: ...


class Rig:
    def __init__(self, texts: Mapping[str, Lines] | None = None) -> None:
        self.signal, self.display = FakeSignal(), FakeDisplay()
        self.panel = Panel(self.signal, self.display, texts or {})


@pytest.mark.parametrize("outcome", list(Outcome))
def test_lamps_buzzer_and_display_tell_the_same(outcome: Outcome) -> None:
    rig = Rig()
    rig.panel.tell(outcome)
    assert rig.signal.played == [STEPS[outcome]]
    assert rig.display.shown == [(TEXTS[outcome], SHOWN_S)]


def test_the_text_depends_on_the_reason() -> None:
    rig = Rig()
    rig.panel.tell(Outcome.CLOSED, "full")
    assert rig.display.shown == [(TEXTS["full"], SHOWN_S)]


def test_settings_may_have_other_words() -> None:
    rig = Rig({"granted": ("Croeso",)})
    rig.panel.tell(Outcome.GRANTED, for_s=2)
    assert rig.display.shown == [(("Croeso",), 2)]


def test_what_lasts_makes_no_sound() -> None:
    rig = Rig()
    rig.panel.keep_telling(Outcome.EVACUATION, for_s=3)
    assert rig.signal.played == []
    rig.panel.keep_telling(Outcome.NO_READER, for_s=3)
    assert rig.signal.played == [STEPS[Outcome.NO_READER]]
    assert rig.display.shown == [(TEXTS["evacuation"], 3), (TEXTS["no_reader"], 3)]


def test_without_a_display() -> None:
    signal = FakeSignal()
    panel = Panel(signal, None, {})
    panel.tell(Outcome.GRANTED)
    assert signal.played == [STEPS[Outcome.GRANTED]]
    assert not panel.display_lost


def test_a_lost_display_is_seen() -> None:
    rig = Rig()
    assert not rig.panel.display_lost
    rig.display.lost = True
    assert rig.panel.display_lost
