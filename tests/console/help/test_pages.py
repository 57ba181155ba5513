"""The help pages, which everybody sees, and the statement, which those see, too, who are not logged in."""

from __future__ import annotations

from typing import Any

import pytest

from controller.settings.staff import Role


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", ["/help/", "/help/sheet/"])
def test_everybody_who_is_logged_in_has_help(console: Any, role: Role, page: str) -> None:
    answer = console.client(role).get(page)
    assert answer.status_code == 200
    assert "Nobody is entered here yet" in answer.content.decode()


def test_the_statement_is_there_for_anybody(console: Any) -> None:
    answer = console.client(None).get("/help/accessibility/")
    assert answer.status_code == 200
    assert "partially compliant" in answer.content.decode()
    assert console.client(None).get("/help/").status_code == 302


class TestContacts:
    @pytest.fixture
    def console_settings(self) -> str:
        return (
            '\n[[console.contacts]]\nwho = "Out-of-hours desk"\nphone = "01234 567890"\nwhen = "evenings"\n'
        )

    @pytest.mark.parametrize("page", ["/help/", "/help/sheet/", "/help/accessibility/"])
    def test_whom_to_call(self, console: Any, page: str) -> None:
        text = console.client("desk").get(page).content.decode()
        assert '<a class="govuk-link" href="tel:01234567890">01234 567890</a>' in text
        assert "Out-of-hours desk" in text
        assert "evenings" in text
