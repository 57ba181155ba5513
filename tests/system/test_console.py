"""The staff pages of a real branch in a real browser: from an incident to an export, and what is refused."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from controller.core.event import EventType
from controller.core.local_time import local_time
from controller.settings.staff import Role
from simulator.branch import Branch, Plan
from simulator.staff import add_account

pytestmark = pytest.mark.system

PASSWORD = "a phrase that is long enough"
LONDON = ZoneInfo("Europe/London")
VIDEO = "document.querySelector('video')"
LIMIT_MS = 30_000
STAFF = [Role.DESK, Role.CCTV]
FORBIDDEN = {Role.DESK: "/footage/", Role.AUDITOR: "/timeline/"}
"""Every page for every role: tests/console/test_every_url.py."""


class Staffed:
    """A branch on which somebody forced the door, and its pages."""

    def __init__(self, branch: Branch, chromium: Browser) -> None:
        self.branch = branch
        self._chromium = chromium
        self._passwords: dict[str, str] = {}

    def window(self, name: str, roles: list[Role], **options: Any) -> BrowserContext:
        """In which this account is logged in, through the forms; it is made if it is not there."""
        first = name not in self._passwords
        if first:
            self._passwords[name] = add_account(self.branch.unlocked, name, roles)
        options = {"locale": "en-GB", "reduced_motion": "reduce", **options}
        window = self._chromium.new_context(base_url=self.branch.pages, **options)
        window.set_default_timeout(LIMIT_MS)
        page = window.new_page()
        page.goto("/")
        page.fill("[name=name]", name)
        page.fill("[name=password]", self._passwords[name])
        page.press("[name=password]", "Enter")
        if first:
            expect(page.locator("h1")).to_have_text("Choose a password")
            for field, typed in (("present", self._passwords[name]), ("new", PASSWORD), ("again", PASSWORD)):
                page.fill(f"[name={field}]", typed)
            page.press("[name=again]", "Enter")
            self._passwords[name] = PASSWORD
        expect(page.locator("header")).to_contain_text(name)
        page.close()
        return window

    def events(self, *types: EventType) -> list[Any]:
        return [event for event in self.branch.events("console") if event.type in types]


@pytest.fixture(scope="module")
def staffed(chromium: Browser) -> Iterator[Staffed]:
    plan = Plan(pages=True, camera=True, broker=None)
    with (
        tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder,
        Branch(Path(folder), plan) as branch,
    ):
        branch.start()
        branch.wait_for("camera.found", service="recorder")
        branch.swipe("expired")
        branch.wait_for("access.refused")
        branch.open_door()
        branch.wait_for("door.forced")
        branch.close_door()
        branch.wait_for("clip.recorded", service="recorder", cause_type="door.forced")
        yield Staffed(branch, chromium)


class Clicks:
    """Counts what is clicked on."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def __call__(self, what: str) -> None:
        self.count += 1
        self.page.get_by_role("link", name=what).or_(self.page.get_by_role("button", name=what)).first.click()


def test_from_something_happened_around_nine_to_a_verified_clip(staffed: Staffed, tmp_path: Path) -> None:
    page = staffed.window("cctv", STAFF, accept_downloads=True).new_page()
    page.goto("/")
    click = Clicks(page)
    happened = staffed.branch.events("door")[-1].stamp.wall_us
    click("Timeline")
    page.fill("[name=time]", f"{local_time(happened, LONDON):%H:%M}")
    click("Show")
    click("Forced open")
    click("look at it")
    page.fill("[name=need]", "INC-2026-014")
    click("Look at it")
    page.wait_for_function(f"() => {VIDEO}.readyState >= 2")
    click("Next picture")
    page.wait_for_function(f"() => {VIDEO}.getVideoPlaybackQuality().totalVideoFrames > 0")
    click("Export entrance")
    click("Export it")
    with page.expect_download() as download:
        click("All of them in one ZIP file")
    assert click.count < 10
    zipfile.ZipFile(download.value.path()).extractall(tmp_path)
    film = next(tmp_path.glob("*.mp4"))
    assert "INTACT" in staffed.branch.unlocked("clip", "verify", str(film))
    told = staffed.events(EventType.FOOTAGE_VIEWED, EventType.CLIP_EXPORTED, EventType.FOOTAGE_VIEW_REFUSED)
    assert [(event.type, event.data["need"], event.data["user"]) for event in told] == [
        (EventType.FOOTAGE_VIEWED, "INC-2026-014", "cctv"),
        (EventType.CLIP_EXPORTED, "INC-2026-014", "cctv"),
    ]


@pytest.mark.parametrize("role", FORBIDDEN)
def test_what_a_role_may_not_see_is_refused_and_recorded(staffed: Staffed, role: Role) -> None:
    page = staffed.window(f"only-{role}", [role]).new_page()
    answer = page.goto(FORBIDDEN[role])
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("h1")).to_have_text("You may not see this page")
    refused = [one for one in staffed.events(EventType.CONSOLE_REFUSED) if one.data["user"] == f"only-{role}"]
    assert [one.data["cause"] for one in refused] == ["no_role"]
