"""Browser windows on the staff pages of a simulated branch, each with an account of its own logged in.

Logging in goes through the forms, as staff do it. Never here: what is done there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from controller.settings.staff import Role
from simulator.staff import add_account

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from simulator.branch import Branch

PASSWORD = "a phrase that is long enough"  # noqa: S105
LIMIT_MS = 30_000


class Windows:
    """branch: runs, with its pages."""

    def __init__(self, branch: Branch, browser: Browser) -> None:
        self._branch = branch
        self._browser = browser
        self._passwords: dict[str, str] = {}

    def open(self, name: str, roles: Collection[Role] = tuple(Role), **options: Any) -> BrowserContext:
        """In which this account is logged in; it is made if it is not there.

        options: of Playwright's ``new_context``.
        """
        first = name not in self._passwords
        if first:
            self._passwords[name] = add_account(self._branch.unlocked, name, roles)
        window = self.anybody(**options)
        page = window.new_page()
        page.goto("/")
        page.fill("[name=name]", name)
        page.fill("[name=password]", self._passwords[name])
        page.press("[name=password]", "Enter")
        if first:
            page.wait_for_url("**/account/password/**")
            for field, typed in (("present", self._passwords[name]), ("new", PASSWORD), ("again", PASSWORD)):
                page.fill(f"[name={field}]", typed)
            page.press("[name=again]", "Enter")
            self._passwords[name] = PASSWORD
        page.get_by_role("button", name="Log out").wait_for()
        page.close()
        return window

    def anybody(self, **options: Any) -> BrowserContext:
        """In which nobody is logged in."""
        options = {"locale": "en-GB", "reduced_motion": "reduce", **options}
        window = self._browser.new_context(base_url=self._branch.pages, **options)
        window.set_default_timeout(LIMIT_MS)
        return window
