"""The page of promises."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest

from controller.console.assure import memory
from controller.console.assure.examination import Examination, Examined
from controller.core.event import EventType
from controller.settings.staff import Role

After = Callable[[Examination], Examined]
READERS = {Role.DPO, Role.AUDITOR, Role.SUPERVISOR}


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


@pytest.mark.parametrize("role", Role)
def test_some_roles_may(console: Any, role: Role) -> None:
    client = console.client(role)
    allowed = role in READERS
    assert client.get("/promises/").status_code == (200 if allowed else 403)
    assert client.get("/promises/examine/").status_code == (405 if allowed else 403)
    assert len(console.events(EventType.CONSOLE_REFUSED)) == (0 if allowed else 2)


def test_the_branch_is_examined_and_shown(console: Any, after: After) -> None:
    dpo = console.client("dpo")
    assert "Nothing was examined since the console started." in words(dpo.get("/promises/").content)
    assert dpo.post("/promises/examine/").headers["Location"] == "/promises/"
    assert "is being examined since" in words(dpo.get("/promises/").content)
    found = after(memory.examination(console.branch))
    assert found.report is not None
    page = words(dpo.get("/promises/").content)
    for said in ("What could not be proved", "Not kept", "The journals", "Statistics anonymised Kept"):
        assert said in page
    assert f"SHA-256 {found.report['profile']['sha256']}" in page
    memory.close()


def test_what_keeps_it_from_being_examined_is_on_the_page(
    console: Any, after: After, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import sys; sys.exit('Error: <no> profile is named')"
    monkeypatch.setattr(memory, "command_of", lambda _config: (sys.executable, "-c", program))
    dpo = console.client("dpo")
    dpo.post("/promises/examine/")
    examination = memory.examination(console.branch)
    assert isinstance(examination, Examination)
    after(examination)
    page = dpo.get("/promises/").content
    assert "The last examination found nothing out" in words(page)
    assert "&lt;no&gt; profile is named" in page.decode()
    memory.close()
