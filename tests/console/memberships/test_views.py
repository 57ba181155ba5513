"""The pages about memberships, with the membership service's own socket behind them."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from controller.core.event import EventType, NewEvent
from controller.membership.control import open_control
from controller.settings.staff import Role
from simulator.waiting import wait_until

PAGES = ("/memberships/", "/memberships/import/", "/memberships/import/progress/")
HEADER = b"card_number,status,induction,granted_from,expires,surname\n"
WRITTEN = {"day": "21", "month": "9", "year": "2026", "time": "06:00"}


def rows(count: int) -> bytes:
    return HEADER + b"".join(
        b"%014d,active,2025-01-12,2025-01-12,2099-12-31,Nobody\n" % n for n in range(count)
    )


def file(content: bytes, name: str = "members.csv") -> io.BytesIO:
    found = io.BytesIO(content)
    found.name = name
    return found


@pytest.fixture
def service(console: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The membership service answers."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site-key").write_text("0" * 64)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "site"))
    branch = console.branch
    branch.paths.members.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as closing:
        open_control(branch.settings, None, console.stamp, lambda: time.monotonic_ns() // 1000, closing)
        yield


def text(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def handed_over(client: Any, content: bytes, **typed: object) -> str:
    """The page about the import, when it is over."""
    answer = client.post("/memberships/import/", {"file": file(content), **WRITTEN, **typed})
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGES[2])
    wait_until(lambda: "data-under-way" not in text(client, PAGES[2]), 10)
    return text(client, PAGES[2])


def test_who_sees_memberships_and_who_imports_them(console: Any) -> None:
    refused = 0
    for role in Role:
        client = console.client(role)
        sees = role is not Role.AUDITOR
        imports = role in (Role.SUPERVISOR, Role.ENGINEER)
        statuses = [client.get(page).status_code for page in PAGES]
        assert statuses == [200 if may else 403 for may in (sees, imports, imports)], role
        assert client.post(PAGES[1]).status_code == (400 if imports else 403)
        refused += statuses.count(403) + (not imports)
    assert len(console.events(EventType.CONSOLE_REFUSED)) == refused


def test_a_service_that_does_not_answer_is_told_with_what_to_do(console: Any) -> None:
    client = console.client("supervisor")
    assert "the membership service does not answer" in text(client, PAGES[0])
    assert "does not answer" in text(client, PAGES[2])
    answer = client.post(PAGES[1], {"file": file(rows(1)), **WRITTEN})
    assert answer.status_code == 409
    assert "Not handed over" in answer.content.decode()


@pytest.mark.usefixtures("service")
def test_a_file_is_handed_over_imported_and_told(console: Any) -> None:
    client = console.client("supervisor")
    assert "No memberships were ever imported" in text(client, PAGES[0])
    assert "No file was handed over here" in text(client, PAGES[2])
    done = handed_over(client, rows(3))
    assert "3 memberships count now" in done
    assert "surname: 3 values" in done
    overview = text(client, PAGES[0])
    assert "Fresh" in overview
    assert "by supervisor, on these pages: 3 memberships" in overview
    assert "9 hours old" in overview
    assert "Members by category" in overview
    assert "Members by category" not in text(console.client("desk"), PAGES[0])
    assert "Nobody" not in done + overview


@pytest.mark.usefixtures("service")
def test_a_refused_file_says_why_and_what_would_import_it(console: Any) -> None:
    client = console.client("engineer")
    handed_over(client, rows(4))
    assert "line 2: status" in handed_over(client, HEADER + b"00000000000001,gone,,,2099-12-31,\n")
    assert "by engineer, on these pages: line 2, column status" in text(client, PAGES[0])
    refused = handed_over(client, rows(1), time="07:00")
    assert "it would leave 1 memberships of 4" in refused
    assert "?again=shrink" in refused
    assert 'name="shrink"' in text(client, f"{PAGES[1]}?again=shrink")
    assert 'name="shrink"' not in text(client, PAGES[1])
    assert "1 memberships count now" in handed_over(client, rows(1), time="07:00", shrink="yes")


@pytest.mark.usefixtures("service")
def test_faults_of_the_form_are_said_at_their_boxes(console: Any) -> None:
    client = console.client("supervisor")
    answer = client.post(PAGES[1], {"day": "1"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert '<a href="#file">' in page
    assert '<a href="#day">' in page
    assert "<title>Error: Import memberships" in page


def test_a_file_that_is_too_large_is_not_kept(console: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controller.console.web.uploads.LARGEST", 100)
    answer = console.client("supervisor").post(PAGES[1], {"file": file(rows(9)), **WRITTEN})
    assert answer.status_code == 400
    assert "The file has more than" in answer.content.decode()


class TestWithALibrarySystem:
    @pytest.fixture
    def console_settings(self) -> str:
        return '\n[lms]\n[lms.sip2]\ndialect = "koha"\nhost = "lms.example"\n'

    @pytest.mark.parametrize(
        ("type", "data", "said"),
        [
            (EventType.LMS_FOUND, {}, "Answers"),
            (EventType.LMS_LOST, {"reason": "unreachable"}, "Does not answer (unreachable)"),
            (EventType.LMS_UNUSABLE, {}, "Its answers are not believed"),
        ],
    )
    def test_how_it_is_is_told_from_the_journal(
        self, console: Any, type: EventType, data: dict[str, str], said: str
    ) -> None:
        assert "Not known yet" in text(console.client("desk"), PAGES[0])
        console.write("membership", [NewEvent(type, "lms", console.stamp(), data)])
        assert said in text(console.client("desk"), PAGES[0])
