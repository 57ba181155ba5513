"""The player in a real browser: what was recorded, after one clock, by keyboard, and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect


def begun(page: Page, recorded: Any) -> None:
    """Ask for all that there is."""
    page.get_by_label("Reference of the need").fill("INC-2026-014")
    page.get_by_label("entrance").check()
    page.get_by_label("Day").fill("2026-09-21")
    page.get_by_label("From").fill("15:00:00")
    page.get_by_label("To").fill("15:00:13")
    page.get_by_role("button", name="Look at it").click()


def test_footage_is_played(open_page: Callable[..., Page], recorded: Any) -> None:
    page = open_page("cctv", "/footage/")
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    begun(page, recorded)
    video = page.locator("video")
    expect(video).to_be_visible()
    expect(page.locator("#player-time")).to_have_text("21 September 2026, 15:00:00 BST")
    page.get_by_role("button", name="Next picture").click()
    expect(video).not_to_have_js_property("currentTime", 0)
    page.get_by_label("Speed").select_option("8")
    page.get_by_role("button", name="Play").press("Enter")
    # On beyond the gap of seven seconds, and to the end of the footage.
    expect(page.locator("#player-status")).to_contain_text("This is the end of the footage", timeout=20_000)
    expect(page.locator("#player-time")).to_have_text("21 September 2026, 15:00:13 BST")
    page.get_by_label("Place in the footage").press("Home")
    expect(page.locator("#player-time")).to_have_text("21 September 2026, 15:00:00 BST")
    page.get_by_role("button", name="On 10 s").click()
    expect(video).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save a still of entrance").click()
    assert download.value.suggested_filename == "entrance-2026-09-21-150010.png"
    assert complaints == []
