"""What happens at the door is on a page of Today that is open in a browser, with every service a process.

How soon: ``python -m benchmarks console``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Browser, expect

from controller.settings.staff import Role
from simulator.branch import Branch, Plan
from simulator.windows import Windows

pytestmark = pytest.mark.system

MakeBranch = Callable[[Plan], Branch]
SWIPES = 3


@pytest.fixture
def branch(make_branch: MakeBranch) -> Branch:
    made = make_branch(Plan(broker=None, pages=True))
    made.start()
    return made


def test_a_swipe_and_a_lockdown_are_on_an_open_page(branch: Branch, chromium: Browser) -> None:
    with closing(Windows(branch, chromium).open("desk", [Role.DESK])) as window:
        page = window.new_page()
        page.goto("/today/")
        expect(page.locator("#today-state")).to_contain_text("keeps itself up to date")
        latest = page.locator("#today-latest")
        expect(latest).to_contain_text("Nothing has happened")
        for count in range(1, SWIPES + 1):
            branch.swipe(f"member {count}")
            expect(latest.get_by_text("Let in", exact=True)).to_have_count(count)

        other = window.new_page()
        other.goto("/today/lockdown/")
        other.get_by_role("button", name="Begin the lockdown").click()
        expect(page.locator("#today-matters")).to_contain_text("is in lockdown")
        expect(page.locator("#today-say")).to_contain_text("is in lockdown")
        expect(other.locator("main")).to_contain_text("is in mode lockdown")
        command = branch.wait_for("command.received", command="lockdown")
        assert command.data["staff"] == "desk"
        # An open page does not hold the console up.
        assert branch.stop() == 0
