from pathlib import Path

from controller.core.door import STATES, Contact
from controller.door.explained.state_table import markdown, reachable

PAGE = Path(__file__).parents[3] / "docs" / "door-states.md"


def test_the_page_is_the_table() -> None:
    remedy = "run: unlocked door table > docs/door-states.md"
    assert PAGE.read_text(encoding="utf-8") == markdown(), remedy


def test_every_state_that_there_can_be_has_its_part() -> None:
    assert markdown().count("\n## ") == len(reachable()) + 1
    assert {state.contact for state in set(STATES) - reachable()} == {Contact.WARNED, Contact.HELD}
