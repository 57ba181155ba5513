"""The staff pages of a real branch in a real browser: from an incident to an export, and what is refused."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from controller.core.event import EventType
from controller.core.local_time import local_time
from controller.settings.staff import Role
from simulator.branch import Branch, Plan
from simulator.crawler import Crawler
from simulator.staff import PASSPHRASE
from simulator.windows import Windows

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]  # a busy machine takes a minute to set it up

SOAK = os.environ.get("UNLOCKED_SOAK") == "1"
LONDON = ZoneInfo("Europe/London")
VIDEO = "document.querySelector('video')"
NEED = "INC-2026-014"
STAFF = [Role.DESK, Role.CCTV]
FORBIDDEN = {Role.DESK: "/footage/", Role.AUDITOR: "/timeline/"}
"""Every page for every role: tests/console/test_every_url.py."""


class Staffed:
    """A branch on which somebody forced the door, and its pages."""

    def __init__(self, branch: Branch, chromium: Browser) -> None:
        self.branch = branch
        self.windows = Windows(branch, chromium)

    @property
    def forced(self) -> str:
        """The address of the event of the forced door."""
        return f"/events/{self.branch.wait_for('door.forced').id}/"

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
    page = staffed.windows.open("cctv", STAFF, accept_downloads=True).new_page()
    page.goto("/")
    click = Clicks(page)
    happened = staffed.branch.events("door")[-1].stamp.wall_us
    click("Timeline")
    page.fill("[name=time]", f"{local_time(happened, LONDON):%H:%M}")
    click("Show")
    click("Forced open")
    click("look at it")
    page.fill("[name=need]", NEED)
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
        (EventType.FOOTAGE_VIEWED, NEED, "cctv"),
        (EventType.CLIP_EXPORTED, NEED, "cctv"),
    ]


FOCUS = """() => {
    const at = document.activeElement;
    const label = at.labels?.[0];
    const seen = (e, part) => {
        const style = getComputedStyle(e, part);
        const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
            && !/^rgba.* 0\\)$/.test(style.outlineColor);
        return outlined || style.boxShadow !== "none" || style.backgroundColor === "rgb(255, 221, 0)";
    };
    return {
        named: (at.innerText || label?.innerText || at.getAttribute("aria-label") || "").trim(),
        seen: seen(at, null) || (label ? seen(label, "::before") : false),
    };
}"""
"""Where the keyboard is, and whether one sees that: by an outline, a shadow or GOV.UK's yellow."""


class Keys:
    """Goes through a page by keyboard alone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, named: str) -> None:
        """On to what is named so. Fails where one cannot see where one is."""
        passed = []
        for _ in range(150):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUS)
            if focus["named"]:  # else the browser's own controls
                assert focus["seen"], f"nobody sees that {focus['named']!r} has the focus"
            if focus["named"].startswith(named):
                return
            passed.append(focus["named"])
        raise AssertionError(f"{named!r} is not reached, but {passed}")

    def choose(self, named: str, heading: str) -> None:
        self.to(named)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("h1")).to_contain_text(heading)


def test_from_an_incident_to_its_footage_by_keyboard_alone(staffed: Staffed) -> None:
    page = staffed.windows.open("cctv", STAFF).new_page()
    page.goto("/today/")
    keys = Keys(page)
    keys.to("Skip to main content")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
    page.goto("/today/")
    keys.choose("Timeline", "Timeline")
    keys.to("Skip to main content")
    page.keyboard.press("Enter")
    keys.choose("Forced open", "Forced open")
    keys.choose("look at it", "Look at footage")
    keys.to("Reference of the need")
    page.keyboard.type(NEED)
    keys.choose("Look at it", "Footage of entrance")
    page.wait_for_function(f"() => {VIDEO}.readyState >= 2")
    keys.to("Next picture")
    before_s = page.evaluate(f"{VIDEO}.currentTime")
    page.keyboard.press("Space")
    page.wait_for_function(f"before => {VIDEO}.currentTime > before", arg=before_s)


def test_everything_works_without_scripts(staffed: Staffed) -> None:
    page = staffed.windows.open("cctv", STAFF, java_script_enabled=False).new_page()
    page.goto("/")
    heading = page.locator("h1")
    expect(heading).to_have_text("Today")
    page.get_by_role("link", name="Refresh").click()
    page.get_by_role("link", name="Timeline", exact=True).click()
    page.get_by_role("link", name="Alarms", exact=True).click()
    expect(page.locator(".timeline-mark").first).to_have_text("Alarm")
    page.get_by_role("link", name="Forced open").first.click()
    page.get_by_role("link", name="look at it").first.click()
    page.fill("[name=need]", NEED)
    page.get_by_role("button", name="Look at it").click()
    expect(heading).to_have_text("Footage of entrance")
    page.locator(".footage-films a").first.click()
    film = page.request.get(page.locator("video").get_attribute("src") or "", headers={"Range": "bytes=0-99"})
    assert (film.status, film.headers["content-type"]) == (206, "video/mp4")
    page.goto(staffed.forced)
    page.get_by_role("link", name="Place a hold on it").click()
    page.fill("[name=authority]", "Police")
    page.fill("[name=reference]", "14/2026")
    page.get_by_role("button", name="Place the hold").click()
    expect(heading).to_contain_text("placed")
    assert staffed.events(EventType.HOLD_ADDED)[-1].data["user"] == "cctv"


def test_every_page_with_what_happened_here_is_accessible(staffed: Staffed) -> None:
    """Those that only a form leads to. With UNLOCKED_SOAK=1 all others too, as in tests/console/browser."""
    page = staffed.windows.open("everything").new_page()
    crawler = Crawler(page)
    page.goto("/naming/key/")
    page.set_input_files("[name=key]", staffed.branch.layout.authority_key)
    page.fill("[name=passphrase]", PASSPHRASE)
    page.get_by_role("button", name="Use this key").click()
    expect(page.locator("[aria-label='Key session']")).to_be_visible()
    page.goto(staffed.forced)
    page.get_by_role("link", name="look at it").first.click()
    page.get_by_role("button", name="Look at it").click()  # without a need
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    crawler.look("footage without a need")
    page.fill("[name=need]", NEED)
    page.get_by_role("button", name="Look at it").click()
    page.wait_for_function(f"() => {VIDEO}.readyState >= 2")
    waiting = [*crawler.look(), staffed.forced]
    page.goto("/devices/cameras/entrance/picture/")
    page.fill("[name=need]", NEED)
    page.locator("main button[type=submit]").click()
    expect(page.locator("main img")).to_be_visible()
    waiting += crawler.look("set-up picture")
    if SOAK:
        crawler.follow([*waiting, "/"])
    assert crawler.wrong == {}
    refused = [one for one in crawler.complaints if "status of 400" in one]
    assert crawler.complaints == refused
    assert len(refused) == 1


@pytest.mark.parametrize("role", FORBIDDEN)
def test_what_a_role_may_not_see_is_refused_and_recorded(staffed: Staffed, role: Role) -> None:
    page = staffed.windows.open(f"only-{role}", [role]).new_page()
    answer = page.goto(FORBIDDEN[role])
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("h1")).to_have_text("You may not see this page")
    refused = [one for one in staffed.events(EventType.CONSOLE_REFUSED) if one.data["user"] == f"only-{role}"]
    assert [one.data["cause"] for one in refused] == ["no_role"]
