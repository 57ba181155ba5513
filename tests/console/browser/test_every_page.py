"""Every page that links lead to: no barrier that axe finds (WCAG 2.2 AA), and room on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import resolve
from playwright.sync_api import Page

from simulator.crawler import Crawler


def view_of(address: str) -> str:
    return resolve(address.partition("?")[0]).view_name


@pytest.mark.parametrize("role", ["everything", None])
def test_every_page_is_accessible(role: str | None, open_page: Callable[..., Page], happened: Any) -> None:
    crawler = Crawler(open_page(role, "/"), view_of)
    crawler.follow(["/account/login/", "/"])
    assert crawler.wrong == {}
    assert crawler.complaints == []
