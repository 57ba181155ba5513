"""What happens at the door is on a page of Today that is open, with every service a process of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from simulator.branch import Branch, Plan

pytestmark = pytest.mark.system

MakeBranch = Callable[[Plan], Branch]
PASSWORD = "correct horse battery staple"
LIMIT_S = 20.0
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture
def branch(make_branch: MakeBranch) -> Branch:
    made = make_branch(Plan(broker=None, pages=True))
    made.start()
    return made


class Browser(httpx.Client):
    """Somebody of the desk. Keeps cookies as browsers do, which take loopback for as good as TLS."""

    def __init__(self, root: str) -> None:
        hooks = {"request": [self._send], "response": [self._keep]}
        super().__init__(base_url=root, timeout=LIMIT_S, trust_env=False, event_hooks=hooks)
        self._kept: dict[str, str] = {}

    def _send(self, request: httpx.Request) -> None:
        request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._kept.items())

    def _keep(self, response: httpx.Response) -> None:
        for one in response.headers.get_list("Set-Cookie"):
            name, _, value = one.partition(";")[0].partition("=")
            self._kept[name] = value


def submit(client: Browser, path: str, **filled_in: str) -> httpx.Response:
    """Open a page and send its form."""
    token = CSRF.search(client.get(path).text)
    assert token is not None
    answer = client.post(path, data={"csrfmiddlewaretoken": token[1], **filled_in})
    assert answer.status_code == 302, answer.text
    return answer


def regions(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """What of the page is sent anew, again and again."""
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))["regions"]


def test_a_swipe_and_a_lockdown_are_on_an_open_page(branch: Branch) -> None:
    branch.unlocked("staff", "add", "desk", "--role", "desk", "--ask-password", input=f"{PASSWORD}\n" * 2)
    with Browser(branch.pages) as browser:
        submit(browser, "/account/login/", name="desk", password=PASSWORD)
        with browser.stream("GET", "/today/stream/") as stream:
            told = regions(stream.iter_lines())
            assert "Nothing has happened" in next(told)["latest"]
            for count in range(1, 4):
                branch.swipe(f"member {count}")
                next(one for one in told if one.get("latest", "").count("Let in") == count)
            submit(browser, "/today/lockdown/")
            next(one for one in told if "is in lockdown" in one.get("matters", ""))
            command = branch.wait_for("command.received", command="lockdown")
            assert command.data["staff"] == "desk"
            assert "is in mode lockdown" in browser.get("/today/").text
            # An open page does not hold the console up, and its stream ends, whatever else it still tells.
            assert branch.stop() == 0
            for _ in told:
                pass
