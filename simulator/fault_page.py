"""docs/faults.md, made from the matrix of faults: ``python -m simulator.fault_page > docs/faults.md``.

Never here: what happens; the rows say it, and a test plays each.
"""

from __future__ import annotations

from collections.abc import Iterator

from controller.core.outcome import TEXTS
from controller.core.signs import SIGNS
from simulator.faults import row as words
from simulator.faults.row import Chapter, Row, chapters
from simulator.scenario import Step

HEAD = """\
# What happens when something fails

For whoever looks after a branch, and for whoever decides whether to trust it. Each row is played at a
simulated branch by [a test](../tests/system/test_faults.py): the fault is brought about, a member holds a
card to the reader meanwhile, and journals, lock, display, footage and `unlocked doctor` are compared with
what stands here. This page is made from [the same rows](../simulator/scenarios/faults) by
`python -m simulator.fault_page > docs/faults.md`.

In every row the lock is secured at the end of its pulse, the exit button and the fire release work by their
wiring, and a member is let in again once the fault is mended. Where nothing stands under footage, it goes
on. What `unlocked doctor` says besides, with the remedy: [its own page](doctor.md).
"""
COLUMNS = (
    "What fails",
    "A member's card",
    "Footage",
    "Events, and when it is mended",
    "Lamps and display",
    "`unlocked doctor`",
)


def page(found: list[Chapter]) -> str:
    return "\n".join([HEAD, *(line for chapter in found for line in _chapter(chapter))])


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield f"## {chapter.title}\n"
    yield f"| {' | '.join(COLUMNS)} |"
    yield f"|{' --- |' * len(COLUMNS)}"
    for row in chapter.rows:
        yield f"| {' | '.join(_cells(row))} |"
    yield ""
    for row in chapter.rows:
        if row.note:
            yield f"- *{row.fault}.* {row.note}"
    yield ""


def _cells(row: Row) -> Iterator[str]:
    yield row.fault
    yield _card(row)
    yield "" if row.footage == words.GOES_ON else row.footage
    yield "; ".join(filter(None, (_events(row.do), _events(row.mend))))
    yield _shown(row)
    when = " (afterwards)" if row.doctor.after else ""
    yield f"{row.doctor.part}: {row.doctor.says}{when}"


def _card(row: Row) -> str:
    match row.door:
        case words.LETS_IN:
            return "lets in"
        case words.READS_NOTHING:
            return "cannot be read"
        case words.IS_AWAY:
            return "is not answered; the lock is secured"
        case _ if row.reason == words.UNWRITTEN:
            return "is refused: `journal_unavailable`"
        case _:
            return f"is refused: `{row.reason}`"


def _events(steps: tuple[Step, ...]) -> str:
    found = [f"`{one.type}`" for step in steps for one in step.expect if not one.type.startswith("access.")]
    return ", ".join(dict.fromkeys(found))


def _shown(row: Row) -> str:
    if row.shows is None:
        return "as ever" if row.door == words.LETS_IN else ""
    return f'{SIGNS[row.shows].lamps}; "{" ".join(TEXTS[row.shows])}"'


if __name__ == "__main__":
    print(page(chapters()), end="")
