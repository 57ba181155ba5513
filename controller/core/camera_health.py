"""What can be wrong with a camera that sends pictures: which faults there are, and when one is told.

Here: what speaks for and against each fault, in figures, and for how long it must last. A fault begins once
and ends once, however often it flickers in between. Never here: pictures, packets or clocks; and never who
or what is before the camera. A camera from which nothing comes at all is *lost*, which is no fault of these.

Whoever measures the figures looks at a picture every ``LOOK_EVERY_S`` seconds, or at every keyframe where
those are further apart. ``NOTICED_S`` says how long after its beginning a fault has been told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.core.lasting import Lasting, Turn

LOOK_EVERY_S = 5.0
"""A picture that is looked at has to be decoded. At this pace it costs a tenth of a per cent of a core."""


class Fault(StrEnum):
    """What can be found out, as events name it."""

    UNREADABLE = "unreadable"
    """What comes cannot be decoded to a picture."""
    DARK = "dark"
    """Nothing is to be seen for want of light, or because something black is before the lens."""
    COVERED = "covered"
    """There is light, but nothing to be seen in it: covered, painted over, blinded, out of focus."""
    FROZEN = "frozen"
    """The same picture again and again, while time stamps go on."""
    MOVED = "moved"
    """There is much to be seen, but not what the camera was set up to see."""
    BAD_CLOCK = "bad_clock"
    """The camera's time stamps jump, or run faster or slower than time does."""
    LOW_BIT_RATE = "low_bit_rate"
    """Fewer bits come than a usable picture takes: it will be of no use as evidence."""


DARK_LEVEL, LIT_LEVEL = 28.0, 40.0
"""Of 255 grey levels. A picture is dark when all but its brightest twentieth is below the first, and lit
again above the second. Shapes are made out by eye from about 30 on; infrared light gives 60 and more."""
NOTHING_SHOWN, SOMETHING_SHOWN = 0.12, 0.18
"""Share of the picture's tiles in which there are edges. The camera's own caption fills three or four of 40;
the emptiest corridor fills a third."""
VIEW_LOST, VIEW_BACK = 0.35, 0.5
"""Share of the reference view's tiles whose edges are where they were. A person close to the camera hides a
third; a camera that was turned by a thirtieth of the picture keeps next to none."""
MUCH_SHOWN = 0.5
"""Of what the reference view shows: with less than half of it the picture is rather covered than moved."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One look at a picture.

    light: the grey level, 0 to 255, which all but the brightest twentieth of the picture stays below.
    shown: share of the picture's tiles with edges in them. kept, reference_shown: share of the reference
    view's tiles whose edges are where they were, and ``shown`` of that view; None while there is none.
    elsewhere: the reference view fits a good deal better in another place of the picture.
    same: no pixel differs from the picture looked at before. still: the pictures in between hardly said
    that anything changed.
    readable: there is a picture; if not, all that is said of it means nothing.
    clock_off: the stamps jumped or run wrong; None: not known. rate_low: likewise.
    """

    light: float
    shown: float
    kept: float | None = None
    reference_shown: float | None = None
    elsewhere: bool = False
    same: bool = False
    still: bool = False
    readable: bool = True
    clock_off: bool | None = None
    rate_low: bool | None = None


def _dark(figures: Figures) -> bool:
    return figures.light < DARK_LEVEL


def _view_lost(figures: Figures) -> bool:
    return figures.kept is not None and figures.kept < VIEW_LOST


def view_back(figures: Figures) -> bool:
    """Nothing speaks against its being the reference view."""
    return figures.kept is None or (figures.kept > VIEW_BACK and not figures.elsewhere)


def _little_shown(figures: Figures) -> bool:
    """Less than half of what the reference view shows."""
    return figures.reference_shown is not None and figures.shown < figures.reference_shown * MUCH_SHOWN


def _covered(figures: Figures) -> bool:
    if _dark(figures):
        return False
    return figures.shown < NOTHING_SHOWN or (_view_lost(figures) and _little_shown(figures))


def _moved(figures: Figures) -> bool:
    return (_view_lost(figures) or figures.elsewhere) and not _dark(figures) and not _covered(figures)


def _frozen(figures: Figures) -> bool:
    # A black or an empty picture is the same for ever without being frozen.
    return figures.same and figures.still and not _dark(figures) and not _covered(figures)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a fault and what against it, and how many seconds either must last to be told."""

    begins: Callable[[Figures], bool]
    begin_s: float
    ends: Callable[[Figures], bool]
    end_s: float


EVIDENCE: Mapping[Fault, Evidence] = {
    Fault.UNREADABLE: Evidence(
        lambda figures: not figures.readable, 10, lambda figures: figures.readable, 10
    ),
    # Longer than a camera is blind while it moves its infrared filter, and than a lamp with a sensor needs.
    Fault.DARK: Evidence(_dark, 20, lambda figures: figures.light > LIT_LEVEL, 20),
    # Longer than somebody stands before the lens to look into it.
    Fault.COVERED: Evidence(
        _covered,
        20,
        lambda figures: not _dark(figures) and figures.shown > SOMETHING_SHOWN and not _covered(figures),
        20,
    ),
    # Two pictures that are the same in every pixel may be chance in a poor light; three are none.
    Fault.FROZEN: Evidence(_frozen, 10, lambda figures: not figures.same, 10),
    # Longer than a delivery or a party in front of the camera stands still.
    Fault.MOVED: Evidence(_moved, 45, view_back, 45),
    # Judged over time already, by ``camera_clock``.
    Fault.BAD_CLOCK: Evidence(
        lambda figures: figures.clock_off is True, 0, lambda figures: figures.clock_off is False, 0
    ),
    # Longer than a measurement of ``camera_rate``: what a black picture sent is no fault once there is light.
    Fault.LOW_BIT_RATE: Evidence(
        lambda figures: figures.rate_low is True, 40, lambda figures: figures.rate_low is False, 40
    ),
}

NOTICED_S: Mapping[Fault, float] = {
    Fault.UNREADABLE: 30,
    Fault.DARK: 30,
    Fault.COVERED: 30,
    Fault.FROZEN: 30,
    Fault.MOVED: 60,
    Fault.BAD_CLOCK: 10,
    Fault.LOW_BIT_RATE: 120,
}
"""Seconds after which each has been told at the latest: as long as it must last, and a look or two. Three
keyframe intervals more where keyframes are further apart than ``LOOK_EVERY_S``."""

DRIFT_NOTICED_S = 600
"""A clock that merely runs wrong takes this long to be told from a network that is now faster, now slower."""

LOST_NOTICED_S = 15
"""A camera from which nothing comes any more has been told to be lost by then: its driver gives it 8 s."""

OF_THE_PICTURE = (Fault.UNREADABLE, Fault.DARK, Fault.COVERED, Fault.FROZEN, Fault.MOVED)
"""In the order in which one explains those after it. A black picture takes few bits: no second fault."""


@dataclass(frozen=True, slots=True)
class Change:
    """A fault has begun or ended."""

    fault: Fault
    turn: Turn


class CameraHealth:
    """One camera's faults, from all that is ever seen of it. Used by one thread.

    in_force: the faults that were told and not ended before a restart.
    """

    def __init__(self, in_force: Iterable[Fault] = ()) -> None:
        already = set(in_force)
        self._faults = {
            fault: Lasting(evidence.begin_s, evidence.end_s, in_force=fault in already)
            for fault, evidence in EVIDENCE.items()
        }

    def look(self, figures: Figures, now_us: int) -> tuple[Change, ...]:
        """What has changed by this look. now_us: microseconds of a clock that does not step."""
        why = explained_by(figures)
        turns = (
            (fault, lasting.look(begins=begins, ends=ends, now_us=now_us))
            for fault, lasting in self._faults.items()
            for begins, ends in [_evidence(fault, figures, why)]
        )
        return tuple(Change(fault, turn) for fault, turn in turns if turn is not None)

    @property
    def faults(self) -> frozenset[Fault]:
        """What has begun and not ended."""
        return frozenset(fault for fault, lasting in self._faults.items() if lasting.in_force)


def explained_by(figures: Figures) -> Fault | None:
    """What is wrong with this one picture, first of all; None: nothing that a picture shows."""
    return next((fault for fault in OF_THE_PICTURE if EVIDENCE[fault].begins(figures)), None)


def _evidence(fault: Fault, figures: Figures, why: Fault | None) -> tuple[bool, bool]:
    """Whether the figures speak for a fault, and whether they speak against it."""
    begins, ends = EVIDENCE[fault].begins(figures), EVIDENCE[fault].ends(figures)
    if fault is Fault.BAD_CLOCK:
        return begins, ends
    hidden = not figures.readable and fault in OF_THE_PICTURE and fault is not Fault.UNREADABLE
    return begins and why in (None, fault), ends and not hidden
