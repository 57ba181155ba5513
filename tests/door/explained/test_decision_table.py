"""docs/access.md shows the decisions as they are, and every reason is explained."""

from __future__ import annotations

from pathlib import Path

from controller.core.access import Granted, OpensUp, Reason, Refused
from controller.core.meanings import MEANINGS
from controller.door.explained.decision_table import CASES, answers, markdown

PAGE = Path(__file__).parents[3] / "docs" / "access.md"


def test_the_page_is_what_the_command_prints() -> None:
    assert PAGE.read_text().endswith(markdown()), "python -m controller explain --table"


def test_every_reason_of_the_decision_is_in_the_table_and_every_reason_is_explained() -> None:
    given = {
        answer.reason for _, found in answers() for answer in found.values() if isinstance(answer, Refused)
    }
    found_by_the_door = {Reason.NOT_READ, Reason.HALF_READ, Reason.TOO_LATE, Reason.JOURNAL_UNAVAILABLE}
    assert given == set(Reason) - found_by_the_door
    assert set(MEANINGS) == set(Reason)


def test_whoever_has_nothing_wrong_is_let_in() -> None:
    *_, (words, found) = answers()
    assert words == "nothing of all this"
    assert [type(answer) for answer in found.values()] == [Granted, Granted, Granted, OpensUp, Granted]
    assert len(found) == len(CASES)
