"""Every page there is, found by walking the addresses: asked for by nobody, by each role, and by mischief.

Nothing is listed here: a page that is added joins by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from controller.core.event import EventType
from controller.settings.staff import Role

POSTING = (Role.DESK, Role.AUDITOR, Role.ENGINEER)
"""Roles that send a form to every address as well: between them, every page refuses one of them."""
SAMPLES = ("0", "nobody", "2026-11-21", "01999999-9999-7999-8999-999999999999", "door", "00:00", "json")
"""Tried in turn for what an address is asked for by: the first that its converter takes."""
TRAVERSALS = ("..%2f..%2f..%2fetc%2fpasswd", "%00%ff", "'%3Cscript%3Ealert(1)%3C/script%3E", "9" * 30)
ASKED = (
    "?need=x&day=x&from=x&to=-1&camera=..%2f..&page=-1&before=x&after=999999999999999999999999&kind=x&door=x"
)


@dataclass(frozen=True, slots=True)
class Address:
    """prefix and suffix: what is around the first thing that it is asked for by, for those that have one."""

    path: str
    name: str
    view: Any
    prefix: str
    suffix: str
    parameters: int

    def __str__(self) -> str:
        return self.path


def addresses() -> list[Address]:
    return sorted(_walk(get_resolver().url_patterns, "/", ""), key=str)


def _walk(patterns: list[URLPattern | URLResolver], before: str, app: str) -> Iterator[Address]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, route, one.app_name or app)
            continue
        converters = _converters(one, route)
        parts = re.split(r"<[^>]+>", route)
        values = [next(sample for sample in SAMPLES if re.fullmatch(regex, sample)) for regex in converters]
        path = "".join(part + value for part, value in zip(parts, [*values, ""], strict=True))
        name = f"{app}:{one.name}" if app else str(one.name)
        yield Address(
            path,
            name,
            one.callback,
            parts[0],
            path[len(parts[0] + values[0]) :] if values else "",
            len(values),
        )


def _converters(pattern: URLPattern, route: str) -> list[str]:
    known = dict(pattern.pattern.converters)
    names = [part.rpartition(":")[2] for part in re.findall(r"<([^>]+)>", route)]
    return [known[name].regex if name in known else "[^/]+" for name in names]


class Page(HTMLParser):
    """What every page must be like, whatever is on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.headings = 0
        self.ids: list[str] = []
        self._labelled: set[str] = set()
        self._boxes: list[str] = []
        self._form: str | None = None
        self.feed(text)
        self.faults += [f"id {one} twice" for one in sorted(set(self.ids)) if self.ids.count(one) > 1]
        self.faults += [f"no label for {one}" for one in self._boxes if one not in self._labelled]
        if self.headings != 1:
            self.faults.append(f"{self.headings} h1")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.headings += tag == "h1"
        if "id" in found:
            self.ids.append(str(found["id"]))
        if tag == "label":
            self._labelled.add(str(found.get("for")))
        hidden = found.get("type") == "hidden" or "hidden" in found
        if tag in ("input", "select", "textarea") and not hidden and "aria-label" not in found:
            self._boxes.append(str(found.get("id")))
        if "style" in found or tag == "style":
            self.faults.append(f"inline style at <{tag}>")
        self.faults += [f"{name} at <{tag}>" for name in found if name.startswith("on")]
        if tag == "script" and "src" not in found:
            self.faults.append("inline script")
        if (
            tag in ("img", "svg")
            and not {"alt", "aria-hidden", "aria-label", "aria-labelledby"} & found.keys()
        ):
            self.faults.append(f"<{tag}> without a name")
        if tag == "th" and "scope" not in found:
            self.faults.append("th without scope")
        for name in ("src", "href", "action"):
            if re.match(r"(?i)\s*(https?:|//|javascript:|data:)", found.get(name) or ""):
                self.faults.append(f"{name} leads elsewhere: {found[name]}")
        if tag == "form":
            self._form = str(found.get("method", "get")).lower()
        if found.get("name") == "csrfmiddlewaretoken":
            self._form = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form == "post":
            self.faults.append("a form without its token")
        if tag == "form":
            self._form = None


def look(address: str, answer: Any) -> list[str]:
    """What is wrong with an answer, whoever asked."""
    faults = (
        [f"status {answer.status_code}"] if answer.status_code >= 500 and answer.status_code != 503 else []
    )
    policy = answer.headers.get("Content-Security-Policy", "")
    if "unsafe" in policy or "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
        faults.append(f"policy {policy}")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }
    faults += [name for name, value in wanted.items() if answer.headers.get(name) != value]
    if "Cache-Control" not in answer.headers or "Content-Type" not in answer.headers:
        faults.append("no Cache-Control or Content-Type")
    kind = answer.headers.get("Content-Type", "")
    if kind.startswith("text/html") and not answer.streaming and answer.status_code not in (301, 302, 405):
        text = answer.content.decode()
        faults += Page(text).faults
        if "Traceback" in text or "root:x:" in text:
            faults.append("tells what is inside")
    answer.close()
    return [f"{address}: {fault}" for fault in faults]


def ask(client: Client, path: str, method: str = "get") -> Any:
    return getattr(client, method)(path, **({} if method == "get" else {"data": {}}))


def test_every_view_says_who_may_see_it() -> None:
    found = addresses()
    assert len(found) > 10
    assert [str(one) for one in found if not hasattr(one.view, "access")] == []


def test_nobody_sees_more_than_the_log_in(console: Any) -> None:
    client, faults = console.client(None), []
    for one in addresses():
        for method in ("get", "post"):
            answer = ask(client, one.path, method)
            if one.view.access.roles is None:
                if method == "get" and answer.status_code not in (200, 302, 405):
                    faults.append(f"{one}: {answer.status_code}")
            elif answer.status_code != 302 or not answer.headers["Location"].startswith(
                "/account/login/?next="
            ):
                faults.append(f"{one} {method}: {answer.status_code}")
            faults += look(str(one), answer)
    assert faults == []
    assert console.events(EventType.CONSOLE_REFUSED) == []


@pytest.mark.parametrize("role", list(Role))
def test_a_role_sees_its_pages_and_is_refused_all_others(console: Any, role: Role) -> None:
    client, faults, refused = console.client(role), [], []
    for one in addresses():
        if one.name == "accounts:logout":
            continue  # tests of logging in do that
        roles = one.view.access.roles
        for method in ("get", "post") if role in POSTING else ("get",):
            answer = ask(client, one.path, method)
            faults += look(f"{method} {one}", answer)
            if roles is not None and role not in roles:
                refused.append((one.name, "no_role", role.value))
                if answer.status_code != 403:
                    faults.append(f"{method} {one}: {answer.status_code}")
    assert faults == []
    told = console.events(EventType.CONSOLE_REFUSED)
    assert [(event.data["page"], event.data["cause"], event.data["user"]) for event in told] == refused


def test_mischief_is_answered_with_a_page_and_gets_nothing(console: Any) -> None:
    everything = console.account("supervisor")
    everything.give_roles(Role)
    everything.save()
    client, faults = console.client("supervisor"), []
    for one in addresses():
        asked = [one.path + ASKED] + [one.prefix + text + one.suffix for text in TRAVERSALS if one.parameters]
        for path in asked:
            faults += look(path[:100], client.get(path))
        if one.name != "accounts:logout":
            faults += look(f"post {one}", ask(client, one.path, "post"))
    assert faults == []


def test_lapsed_training_is_no_role(console: Any) -> None:
    client = console.client(Role.CCTV, trained_until=None)
    for one in addresses():
        if one.view.access.roles == frozenset({Role.CCTV}):
            assert client.get(one.path).status_code == 403, one
    causes = {event.data["cause"] for event in console.events(EventType.CONSOLE_REFUSED)}
    assert causes <= {"training_lapsed"}


def test_a_form_without_its_token_changes_nothing(console: Any) -> None:
    faults = []
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(console.account("supervisor"), backend="django.contrib.auth.backends.ModelBackend")
    before = len(console.events())
    for one in addresses():
        answer = client.post(
            one.path, {}, headers={"origin": "https://evil.example"} if one.parameters else {}
        )
        if answer.status_code != 403 or "too old" not in answer.content.decode():
            faults.append(f"{one}: {answer.status_code}")
    assert faults == []
    assert len(console.events()) == before


def test_every_page_that_refuses_anybody_refuses_one_who_sends_forms() -> None:
    kept = [
        one.view.access.roles for one in addresses() if one.view.access.roles not in (None, frozenset(Role))
    ]
    assert [roles for roles in kept if roles.issuperset(POSTING)] == []
