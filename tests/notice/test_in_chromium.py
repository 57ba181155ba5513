"""The documents as a browser shows and prints them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from controller.notice.rendering import render
from controller.notice.wording import content_of
from controller.settings.model import Settings
from controller.settings.policy.profile import Profile

pytestmark = pytest.mark.system

NARROW = {"width": 320, "height": 640}
"""A page that fits into this is one that can be enlarged four times (WCAG 2.2, 1.4.10)."""
PAGE = re.compile(rb"/Type\s*/Page\b")


def test_nothing_sticks_out_of_a_small_screen_and_the_sign_is_one_sheet(
    browser: Any, settings: Settings, profile: Callable[..., Profile]
) -> None:
    browser.set_viewport_size(NARROW)
    for name in ("worcestershire", "south-ayrshire", "suffolk"):
        documents = render(content_of(settings, profile(name)))
        for document in ("notice.html", "sign.html"):
            browser.set_content(documents[document].text)
            width = browser.evaluate("document.documentElement.scrollWidth")
            assert width <= NARROW["width"], (name, document)
        assert len(PAGE.findall(browser.pdf(format="A4", prefer_css_page_size=True))) == 1, name
