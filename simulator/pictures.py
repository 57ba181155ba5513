"""``python -m simulator.pictures FOLDER``: pictures of a simulated branch's staff pages, for the documents.

A branch with a month behind it and an incident just now, and a browser. Never here: tests of the pages. Needs
what the tests need.
"""

from __future__ import annotations

import random
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from controller.core.event import CONTROLLER, EventType, JsonValue, NewEvent, Stamp
from controller.core.local_time import EPOCH
from controller.store.journal import Journal
from simulator.branch import Branch, Plan
from simulator.windows import Windows

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Page, ViewportSize

CHROMIUM = "/usr/bin/chromium"
OPTIONS = ["--no-sandbox", "--lang=en-GB", "--hide-scrollbars", "--autoplay-policy=no-user-gesture-required"]
DESK: ViewportSize = {"width": 1100, "height": 760}
PHONE: ViewportSize = {"width": 320, "height": 640}
VIDEO = "document.querySelector('video')"
AT_THE_EVENT = "document.getElementById('player-near').textContent.startsWith('front')"
NEED = "INC-2026-014"
RULES = """
[occupancy]
estimate = true
publish = true

[[console.contacts]]
who = "Duty manager"
phone = "01632 960001"
when = "evenings and weekends"
"""
LONDON = ZoneInfo("Europe/London")
BUSY = {8: 3, 9: 6, 10: 9, 11: 8, 12: 7, 13: 6, 14: 8, 15: 11, 16: 12, 17: 9, 18: 6, 19: 4, 20: 3}
"""About how many come in within an hour."""
REASONS = ("expired",) * 6 + ("unknown_card",) * 4 + ("suspended",) * 2 + ("closed_hours",)


def month_behind(branch: Branch) -> None:
    """In the door's journal: the visits of the last month that is over."""
    now = datetime.now(UTC).astimezone(LONDON)
    end = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begun = (end - timedelta(days=1)).replace(day=1)
    dice = random.Random(1)
    moments: list[tuple[datetime, EventType, dict[str, JsonValue]]] = []
    for day in range((end - begun).days):
        for hour, count in BUSY.items():
            for _ in range(dice.randint(count // 2, count)):
                at = begun + timedelta(days=day, hours=hour, seconds=dice.randrange(3600))
                if dice.random() < 0.06:
                    moments.append((at, EventType.ACCESS_REFUSED, {"reason": dice.choice(REASONS)}))
                else:
                    moments.append((at, EventType.ACCESS_GRANTED, {}))
                    moments.append((at + timedelta(seconds=1), EventType.DOOR_OPENED, {}))
    moments.sort(key=lambda one: one[0])
    events = [NewEvent(EventType.SERVICE_STARTED, CONTROLLER, _stamp(begun), {})]
    for at, type_, data in moments:
        more: dict[str, JsonValue] = {"reader": "in"} if type_ is not EventType.DOOR_OPENED else {}
        events.append(NewEvent(type_, "front", _stamp(at), {**more, **data}))
    path = branch.paths.journal("door")
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(Journal.open(path, service="door", stamp=events[0].stamp, synchronous="NORMAL")) as journal:
        journal.append(events)


def _stamp(at: datetime) -> Stamp:
    us = (at - EPOCH) // timedelta(microseconds=1)
    return Stamp(us, 1 + us % 1_000_000_000, "boot", clock_trusted=True)


def incident(branch: Branch) -> None:
    """An evening at the door that ends with it being forced."""
    branch.wait_for("camera.found", service="recorder")
    for who, told in (("member 1", "access.granted"), ("expired", "access.refused")):
        before = branch.last_seq("door")
        branch.swipe(who)
        branch.wait_for(told, after=before)
    branch.wait_for("door.unused")
    branch.open_door()
    branch.wait_for("door.forced")
    branch.wait_for("clip.recorded", service="recorder", cause_type="door.forced")


class Pictures:
    """folder: where they go."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self._folder = folder

    def take(self, name: str, height: int = 0) -> None:
        """height: so much of the page from above; else as much as fits on the screen."""
        size = self.page.viewport_size
        assert size is not None
        clip: FloatRect = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]}
        self.page.screenshot(path=self._folder / f"{name}.png", full_page=height > 0, clip=clip)

    def of(self, name: str, address: str, height: int = 0) -> None:
        self.page.goto(address)
        self.take(name, height)


def take_all(branch: Branch, browser: Browser, folder: Path) -> None:
    windows = Windows(branch, browser)
    stranger = Pictures(windows.anybody(viewport=DESK).new_page(), folder)
    stranger.of("login", "/account/login/")
    stranger.page.focus("[name=name]")
    stranger.page.fill("[name=name]", "desk")
    stranger.page.keyboard.press("Enter")
    stranger.page.locator(".govuk-error-summary").wait_for()
    stranger.take("error")

    window = windows.open("supervisor", viewport=DESK)
    wide = Pictures(window.new_page(), folder)
    narrow = Pictures(window.new_page(), folder)
    narrow.page.set_viewport_size(PHONE)
    wide.page.goto("/today/")
    wide.page.get_by_text("This page keeps itself up to date").wait_for()
    wide.take("today")
    narrow.of("today-narrow", "/today/")
    branch.close_door()
    branch.wait_for("door.closed")
    wide.of("timeline", "/timeline/")
    for _ in range(7):
        wide.page.keyboard.press("Tab")
    wide.take("focus")
    narrow.of("timeline-narrow", "/timeline/")
    event = f"/events/{branch.wait_for('door.forced').id}/"
    wide.of("event", event, 1000)

    wide.page.get_by_role("link", name="look at it").first.click()
    wide.page.fill("[name=need]", NEED)
    wide.page.get_by_role("button", name="Look at it").click()
    wide.page.wait_for_function(f"() => {VIDEO}.readyState >= 2")
    for key in ("Home", *["ArrowRight"] * 4):
        wide.page.get_by_label("Place in the footage").press(key)
    wide.page.wait_for_function(f"() => {AT_THE_EVENT} && !{VIDEO}.seeking")
    wide.page.get_by_role("button", name="Play").focus()
    wide.take("footage", 1400)

    wide.page.goto(event)
    wide.page.get_by_role("link", name="Place a hold on it").click()
    wide.page.fill("[name=authority]", "Testshire Police")
    wide.page.fill("[name=reference]", "14/2026")
    wide.page.get_by_role("button", name="Place the hold").click()
    wide.of("holds", "/holds/")
    wide.of("statistics", "/statistics/", 1000)
    wide.of("devices", "/devices/")
    wide.of("audit", "/audit/")
    wide.page.emulate_media(media="print")
    wide.of("help-sheet", "/help/sheet/", 900)
    wide.page.emulate_media(media="screen", forced_colors="active")
    wide.of("today-forced-colours", "/today/")


def main(folder: Path) -> None:
    """Raises BranchError."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan(pages=True, camera=True, broker=None, rules=RULES)
    with (
        tempfile.TemporaryDirectory(prefix="unlocked-pictures-") as state,
        Branch(Path(state), plan) as branch,
    ):
        month_behind(branch)
        branch.start()
        incident(branch)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
            take_all(branch, browser, folder)
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
