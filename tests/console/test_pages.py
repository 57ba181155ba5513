"""What all pages have in common."""

from __future__ import annotations

from typing import Any

from controller.core.event import EventType


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
