"""The record of what staff did: who reads it, what it says, and how one looks for something in it."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import Any

import pytest

from controller.console.audit import record
from controller.core.event import EventType, JsonValue
from controller.settings.staff import Role
from controller.staff.account import Account

DESK, CCTV, ROOT = Account(None, "desk"), Account(None, "cctv"), Account(0, "root")
READERS = {Role.AUDITOR, Role.DPO}


def do(console: Any, type: EventType, by: Account, after_s: float = 0, **data: JsonValue) -> None:
    console.clock.sleep(after_s)
    console.branch.record(type, "console", data, by=by)


@pytest.fixture
def done(console: Any) -> Any:
    """A day's work, and a look at a clip on the next."""
    at_us = console.clock.wall_us - 3_600_000_000
    do(console, EventType.CONSOLE_LOGGED_IN, DESK)
    do(
        console,
        EventType.CLIP_EXPORTED,
        CCTV,
        60,
        need="INC-1",
        camera="entrance",
        from_us=at_us,
        reason="crime",
    )
    do(console, EventType.HOLD_ADDED, ROOT, 60, reference="CR/7", authority="police")
    do(console, EventType.CLIP_SHOWN, CCTV, 86_400, need="INC-2", clip="c-2")
    return console


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def rows(page: bytes) -> list[str]:
    body = re.search(rb"<tbody[^>]*>(.*?)</tbody>", page, re.DOTALL)
    return [words(row) for row in re.findall(rb"<tr[^>]*>(.*?)</tr>", body[1], re.DOTALL)] if body else []


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("method", ["get", "post"])
def test_auditor_and_dpo_alone_may(done: Any, role: Role, method: str) -> None:
    client = done.client(role)
    answer = client.get("/audit/") if method == "get" else client.post("/audit/file/")
    assert answer.status_code == (200 if role in READERS else 403)
    assert len(done.events(EventType.CONSOLE_REFUSED)) == (0 if role in READERS else 1)


def test_the_newest_first_with_what_and_why(done: Any) -> None:
    shown, held, exported, logged_in = rows(done.client("auditor").get("/audit/").content)
    assert shown == "22 September 2026, 15:15:20 BST cctv A clip was looked at clip: c-2 need INC-2"
    assert held.startswith("21 September 2026, 15:15:20 BST root command line A hold was placed")
    assert "camera: entrance from: 21 September 2026, 14:13:20 BST need INC-1 crime" in exported
    assert logged_in == "21 September 2026, 15:13:20 BST desk Logged in to the console"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("account=cctv", ["INC-2", "INC-1"]),
        ("need=INC-1", ["INC-1"]),
        ("kind=registers", ["A hold"]),
        ("kind=footage&from=2026-09-22", ["INC-2"]),
        ("to=2026-09-21", ["A hold", "INC-1", "Logged in"]),
        ("from=2026-09-22&to=2026-09-22", ["INC-2"]),
        ("kind=login&account=nobody", []),
    ],
)
def test_looking_for_something(done: Any, query: str, found: list[str]) -> None:
    page = done.client("dpo").get(f"/audit/?{query}").content
    assert [each in row for each, row in zip(found, rows(page), strict=True)] == [True] * len(found)
    assert ("Nothing was found." in words(page)) is not found


def test_page_by_page(done: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controller.console.audit.record.page.__defaults__", (2,))
    auditor, address, seen = done.client("auditor"), "/audit/?to=2026-09-22", []
    while address:
        page = auditor.get(address).content
        seen += rows(page)
        older = re.search(r'href="([^"]+)">Look further back', page.decode())
        address = older[1].replace("&amp;", "&") if older else ""
    assert [row.split(" BST ")[1].split()[0] for row in seen] == ["cctv", "root", "cctv", "desk"]


def test_a_day_that_is_none_is_told_at_its_box(done: Any) -> None:
    answer = done.client("auditor").get("/audit/?from=soon")
    assert answer.status_code == 400
    assert "There is a problem" in words(answer.content)
    assert '<a href="#from">' in answer.content.decode()
    assert not rows(answer.content)


def test_what_is_typed_is_shown_as_text(done: Any) -> None:
    page = done.client("auditor").get("/audit/", {"account": '"><script>'}).content.decode()
    assert "<script>" not in page


def test_the_file_has_what_was_looked_for_and_taking_it_is_one_event(done: Any) -> None:
    before = len(done.events())
    answer = done.client("auditor").post("/audit/file/", {"account": "cctv"})
    assert (
        answer.headers["Content-Disposition"] == 'attachment; filename="audit-market-street-2026-09-22.csv"'
    )
    found = list(csv.DictReader(StringIO(answer.content.decode())))
    assert [row["need"] for row in found] == ["INC-2", "INC-1"]
    assert found[1]["details"] == "camera: entrance; from: 2026-09-21 14:13:20+01:00"
    (taken,) = done.events()[before:]
    assert taken.type is EventType.AUDIT_EXPORTED
    assert taken.data == {"lines": 2, "of": "cctv", "user": "auditor", "console": True}


def test_a_file_is_taken_by_a_form_alone(done: Any) -> None:
    assert done.client("auditor").get("/audit/file/").status_code == 405


def test_a_spreadsheet_takes_nothing_for_a_formula(console: Any) -> None:
    do(console, EventType.HOLD_ADDED, Account(None, "=1+1"), reason="@now")
    text = console.client("dpo").post("/audit/file/").content.decode()
    (row,) = csv.DictReader(StringIO(text))
    assert (row["account"], row["reason"]) == ("'=1+1", "'@now")


def test_before_anybody_did_anything(console: Any) -> None:
    assert "Staff have not done anything yet." in words(console.client("auditor").get("/audit/").content)


def test_a_file_has_a_limit(done: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST", 3)
    text = done.client("auditor").post("/audit/file/").content.decode()
    assert len(list(csv.DictReader(StringIO(text)))) == 3
