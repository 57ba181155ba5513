"""Looks at pages of the staff as nobody does: one after the other, for barriers and for room on a phone.

Barriers are what axe finds of WCAG 2.2 AA, on a wide screen; room is 320 pixels. Never here: which pages
there are to be, or what they say. Needs what the tests need.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROW: ViewportSize = {"width": 320, "height": 640}
WIDE: ViewportSize = {"width": 1280, "height": 720}
NAMES = re.compile(r"(?<=/staff/)[^/]+(?=/)|[^/]*\d[^/]*")
"""What differs in the addresses of pages that are made by the same lines: ids and accounts."""
LINKS = """() => [...document.querySelectorAll('a[href]:not([download])')]
    .filter(a => a.origin === location.origin).map(a => a.pathname + a.search)"""


def sort_of(address: str) -> str:
    """The address without what differs among pages of a sort."""
    return NAMES.sub("*", address.partition("?")[0].partition("#")[0])


class Crawler:
    """One page of each sort is looked at. wrong: what is amiss, by address. complaints: of the browser.

    sort: what tells pages of one sort from others, given the address.
    """

    def __init__(self, page: Page, sort: Callable[[str], str] = sort_of) -> None:
        self._page = page
        self._sort = sort
        self.seen: set[str] = set()
        self.wrong: dict[str, list[str]] = {}
        self.complaints: list[str] = []
        page.on("console", lambda said: self._complain(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self._complain(str(error)))

    def _complain(self, said: str) -> None:
        self.complaints.append(f"{self._page.url}: {said}")

    def follow(self, addresses: Iterable[str]) -> None:
        """Open these, and every page that links on them lead to. Nothing is submitted or downloaded."""
        waiting = [*addresses]
        while waiting:
            address = waiting.pop()
            if self._sort(address) in self.seen:
                continue
            answer = self._page.goto(address)
            assert answer is not None
            if answer.status != 200:
                self.seen.add(self._sort(address))
                self.wrong[address] = [f"it is linked, and answers {answer.status}"]
            elif "text/html" in answer.headers["content-type"]:
                waiting += self.look(self._sort(address))
            else:
                self.seen.add(self._sort(address))

    def look(self, sort: str = "") -> list[str]:
        """At the page that is open; to where it leads. sort: else by its address."""
        address = self._page.evaluate("location.pathname")
        self.seen.add(sort or self._sort(address))
        if found := unmet(self._page):
            self.wrong[address] = found
        links: list[str] = self._page.evaluate(LINKS)
        return [link for link in dict.fromkeys(links) if self._sort(link) not in self.seen]


def unmet(page: Page) -> list[str]:
    """What is wrong with the page that is shown."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    options: dict[str, Any] = {**RULES, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    wrong = [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]
    if (headings := page.locator("h1").count()) != 1:
        wrong.append(f"{headings} main headings")
    if page.locator("[style], style, script:not([src])").count():
        wrong.append("style or scripts within the page")
    page.set_viewport_size(NARROW)
    if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
        wrong.append(f"{width} pixels wide on a screen of {NARROW['width']}")
    page.set_viewport_size(WIDE)
    return wrong
