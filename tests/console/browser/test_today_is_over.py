"""The page of today, open while whoever looks at it loses the role for it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from controller.console.today import live, serving, views
from controller.core.event import EventType
from controller.settings.staff import Role


def test_a_page_that_may_not_be_seen_any_more_asks_no_further(
    site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CHECKED_S", 0)
    monkeypatch.setattr(live, "GONE_S", 0.05)
    page = site.window("desk").new_page()
    page.clock.install()
    page.goto("/today/")
    state = page.locator("#today-state")
    expect(state).to_contain_text("keeps itself up to date")
    account = site.console.account("desk")
    account.give_roles([Role.AUDITOR])
    account.save()
    expect(state).to_contain_text("not kept up to date now", timeout=10_000)
    page.clock.fast_forward(16_000)
    expect(state).to_contain_text("may not see this page")
    told = len(site.console.events(EventType.CONSOLE_REFUSED))
    assert told == 2  # when the connection ended, and once more
    page.clock.fast_forward(600_000)
    page.reload()
    assert len(site.console.events(EventType.CONSOLE_REFUSED)) == told + 1
    serving.close()
