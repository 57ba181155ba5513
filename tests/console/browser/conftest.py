"""The staff pages in a real browser, served as the console serves them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import Browser, BrowserContext, Page

from controller.console.web.server import WebServer
from controller.core.event import EventType, NewEvent

ADDRESS = "127.0.0.1"


class Site:
    """The pages at a free port. Each account has a browser window of its own, logged in already."""

    def __init__(self, console: Any, browser: Browser, port: int, closing: ExitStack) -> None:
        self.console = console
        self.root = f"http://{ADDRESS}:{port}"
        self._browser = browser
        self._closing = closing

    def window(self, role: str | None, **options: Any) -> BrowserContext:
        """options: of Playwright's ``new_context``."""
        context = self._browser.new_context(base_url=self.root, reduced_motion="reduce", **options)
        self._closing.callback(context.close)
        if role is not None:
            context.add_cookies(
                [
                    {"name": one.key, "value": one.value, "domain": ADDRESS, "path": "/", "secure": True}
                    for one in self.console.client(role, host=ADDRESS).cookies.values()
                ]
            )
        return context

    def page(self, role: str | None, path: str = "/", **options: Any) -> Page:
        """As somebody of this role sees it; None: not logged in."""
        page = self.window(role, **options).new_page()
        page.goto(path)
        return page


@pytest.fixture(autouse=True, scope="session")
def _database_beside_a_browser() -> None:
    """Playwright drives its browser from an event loop, in which Django refuses its database by default."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture
def site(console: Any, application: WSGIHandler, chromium: Browser) -> Iterator[Site]:
    """The pages of the branch of the fixture ``console``."""
    server = WebServer(application, ADDRESS, 0)
    server.start()
    with ExitStack() as closing:
        closing.callback(server.close)
        yield Site(console, chromium, server.port, closing)


@pytest.fixture
def open_page(site: Site) -> Callable[..., Page]:
    return site.page


@pytest.fixture
def happened(console: Any) -> Any:
    """An evening at the branch, so that pages have something to show."""
    at, reader = console.stamp, {"reader": "in"}
    refused = {"reason": "expired", "day": "2026-09-03", "age_s": 7_200, **reader}
    console.write(
        "door",
        [
            NewEvent(
                EventType.ACCESS_GRANTED, "front", at(900), {"mode": "unstaffed", "age_s": 60, **reader}
            ),
            NewEvent(EventType.DOOR_UNLOCKED, "front", at(899), {"for": "grant", "duration_ms": 5_000}),
            NewEvent(EventType.DOOR_OPENED, "front", at(898)),
            NewEvent(EventType.DOOR_LOCKED, "front", at(897)),
            NewEvent(EventType.DOOR_CLOSED, "front", at(895)),
            NewEvent(EventType.ACCESS_REFUSED, "front", at(600), refused, {"card": b"25891000331458"}),
            NewEvent(EventType.EXIT_REQUESTED, "front", at(500)),
            NewEvent(EventType.DOOR_FORCED, "front", at(300)),
            NewEvent(EventType.READER_LOST, "front", at(200), reader),
        ],
    )
    moved = (EventType.MOTION_STARTED, EventType.MOTION_ENDED)
    console.write("recorder", [NewEvent(moved[n % 2], "entrance", at(100 - n)) for n in range(4)])
    imported = {"kind": "full", "members": 1_200, "as_of_us": at(7_200).wall_us}
    console.write("membership", [NewEvent(EventType.MEMBERSHIP_IMPORTED, "members", at(7_000), imported)])
    return console
