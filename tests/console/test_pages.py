"""What all pages have in common."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from controller.core.event import EventType
from controller.store.journal import JournalUnavailable

ROOT = Path(__file__).parents[2]


def test_a_page_carries_its_headers_and_no_secret(console: Any) -> None:
    answer = console.client("desk").get("/account/")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert (
        "nonce-" not in answer.headers["Content-Security-Policy"]
        or "unsafe" not in answer.headers["Content-Security-Policy"]
    )
    assert "Market Street Library" in answer.content.decode()


def test_whoever_is_not_logged_in_is_sent_to_log_in(console: Any) -> None:
    answer = console.client(None).get("/account/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login/?next=/account/")
    assert console.events(EventType.CONSOLE_REFUSED) == []


def test_a_fault_that_nobody_foresaw_tells_nothing(console: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("what is inside")

    monkeypatch.setattr("controller.console.accounts.views._open_sessions", broken)
    client = console.client("desk")
    client.raise_request_exception = False
    answer = client.get("/account/")
    assert answer.status_code == 500
    assert "out of order" in answer.content.decode()
    assert "inside" not in answer.content.decode()


def test_accounts_that_cannot_be_read_let_nobody_in(console: Any) -> None:
    client = console.client("desk")
    for table in ("staff_account", "django_session"):
        connection.cursor().execute(f"ALTER TABLE {table} RENAME TO gone_{table}")
        for path in ("/account/", "/account/login/", "/help/", "/no/such/page/"):
            answer = client.get(path)
            if answer.status_code == 200:
                assert path == "/account/login/"
            else:
                assert (answer.status_code, answer.headers["Content-Type"][:10]) == (503, "text/plain")
                assert "journalctl" in answer.content.decode()


def test_whoever_cannot_be_recorded_is_not_logged_in(console: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    account = console.account("desk")
    account.give_password("gravel teapot nine sparrows", None)
    account.save()

    def full(*_: object, **__: object) -> None:
        raise JournalUnavailable("the disk is full")

    monkeypatch.setattr(console.branch.staff, "record", full)
    client = console.client(None)
    answer = client.post("/account/login/", {"name": "desk", "password": "gravel teapot nine sparrows"})
    assert answer.status_code == 503
    assert "cannot be recorded, so it was not done" in answer.content.decode()
    assert client.get("/account/").status_code == 302


def test_a_form_that_is_too_old_says_what_to_do(console: Any) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    answer = client.post("/account/login/", {"name": "x", "password": "y"})
    assert answer.status_code == 403
    assert "load the page again" in answer.content.decode()


SECURITY = ROOT / "docs" / "console-security.md"
DASH = "\N{EN DASH}"
LINES = [27, 12, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7]
"""How many lines of level 1 and 2 each chapter of the standard has."""


def test_the_list_of_security_has_every_line_of_the_standard_once() -> None:
    found: list[str] = []
    for cell in re.findall(rf"^\| ([0-9.{DASH}, ]+) \|", SECURITY.read_text(), re.MULTILINE):
        for part in cell.split(", "):
            first, _, last = part.partition(DASH)
            section, _, number = first.rpartition(".")
            end = int(last.rpartition(".")[2]) if last else int(number)
            found += [f"{section}.{one}" for one in range(int(number), end + 1)]
    assert len(set(found)) == len(found)
    chapters = [int(one.split(".")[0]) for one in found]
    assert [chapters.count(chapter + 1) for chapter in range(len(LINES))] == LINES


def test_the_list_of_security_names_tests_that_there_are() -> None:
    for file, name in set(re.findall(r"`([a-z_/]+\.py)(?:::(test_\w+))?`", SECURITY.read_text())):
        if file.startswith(("controller/", "console/accounts/")):
            continue
        text = (ROOT / "tests" / file).read_text()
        assert not name or f"def {name}(" in text, (file, name)
