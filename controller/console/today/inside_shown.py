"""How many are inside, in words that say how far the estimate may be believed (``core.occupancy``)."""

from __future__ import annotations

from controller.console.today.known import Known
from controller.console.today.shown import InsideShown
from controller.core.occupancy import Basis
from controller.staff.door_answer import Inside

NEVER = "It is an estimate: look for yourself before you lock up, and never rely on it in an evacuation."


def inside_shown(known: Known) -> InsideShown:
    if not known.settings.occupancy.estimate:
        return InsideShown("Not counted", ("This branch does not count who is inside (occupancy.estimate).",))
    if known.answer is None or known.answer.inside is None:
        return InsideShown("Not known", ("The door counts, and it does not answer.",))
    inside = known.answer.inside
    return InsideShown(_figure(inside), (*_doubt(inside), *_limit(inside), NEVER))


def _figure(inside: Inside) -> str:
    if inside.likely is None:
        return "Nobody knows"
    if inside.at_least == inside.likely == inside.at_most:
        return "Nobody" if inside.likely == 0 else str(inside.likely)
    if inside.at_most is not None:
        return f"About {inside.likely}"
    return "Perhaps nobody" if inside.likely == 0 else f"Perhaps {inside.likely}"


def _doubt(inside: Inside) -> tuple[str, ...]:
    if inside.likely is None:
        return ("The count begins again once the building is known to be empty.",)
    if inside.basis == Basis.COUNTERS:
        return (
            f"Between {inside.at_least} and {inside.at_most}, by counters at the doors, which miscount some.",
        )
    if inside.at_most is not None:
        return ("No door was opened since the building was known to be empty.",)
    how = "cards, swiped to leave as well" if inside.basis == Basis.READERS else "cards and exit buttons"
    certain = f"{inside.at_least} at least" if inside.at_least else "nobody is certain"
    return (
        f"By {how}: {certain}, and nobody can say how many more. Several can come in on one card, and one "
        "opening from inside can let out many.",
    )


def _limit(inside: Inside) -> tuple[str, ...]:
    if inside.limit is None:
        return ()
    if inside.full:
        return (f"Full: cards are refused at {inside.limit} until somebody leaves.",)
    return (f"Cards are refused from {inside.limit} on.",)
