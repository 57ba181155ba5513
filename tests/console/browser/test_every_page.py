"""Every page that links lead to: no barrier that axe finds (WCAG 2.2 AA), and room on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import resolve
from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROW = {"width": 320, "height": 640}


def unmet(page: Page) -> list[str]:
    """What is wrong with the page that is shown."""
    found = Axe().run(page, options={**RULES, "resultTypes": ["violations"]}).response["violations"]
    wrong = [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]
    if (headings := page.locator("h1").count()) != 1:
        wrong.append(f"{headings} main headings")
    if page.locator("[style], style, script:not([src])").count():
        wrong.append("style or scripts within the page")
    page.set_viewport_size(NARROW)
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > NARROW["width"]:
        wrong.append(f"{wide} pixels wide on a screen of {NARROW['width']}")
    page.set_viewport_size({"width": 1280, "height": 720})
    return wrong


def links(page: Page) -> list[str]:
    """The addresses of other pages here, without what follows a #."""
    found: list[str] = page.evaluate(
        "[...document.querySelectorAll('a[href]:not([download])')]"
        ".filter(a => a.origin === location.origin).map(a => a.pathname + a.search)"
    )
    return list(dict.fromkeys(found))


def view_of(path: str) -> str:
    return resolve(path.partition("?")[0]).view_name


@pytest.mark.timeout(400)
@pytest.mark.parametrize("role", ["everything", None])
def test_every_page_is_accessible(role: str | None, open_page: Callable[..., Page], happened: Any) -> None:
    page = open_page(role, "/")
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    seen, waiting, wrong = set[str](), ["/account/login/", "/"], dict[str, list[str]]()
    while waiting:
        path = waiting.pop()
        if view_of(path) in seen:
            continue
        seen.add(view_of(path))
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path} is linked, and answers {answer.status}"
        if "text/html" in answer.headers["content-type"]:
            if found := unmet(page):
                wrong[path] = found
            waiting += [link for link in links(page) if view_of(link) not in seen]
    assert wrong == {}
    assert complaints == []
