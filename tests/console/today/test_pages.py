"""The page of today and its stream, and what staff have the door do from it, in a browser's terms."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING

import pytest
from django.core.handlers.wsgi import WSGIHandler

from controller.console.today import live, views
from controller.console.today.live import STREAMS
from controller.console.today.serving import live_of
from controller.console.web.server import WebServer
from controller.core.event import CONTROLLER, EventType, NewEvent
from controller.ipc.messages import Reply, Request
from controller.ipc.peer import uids_of
from controller.ipc.server import Call, Server
from controller.settings.staff import Role
from simulator.waiting import wait_until

if TYPE_CHECKING:
    from conftest import Console

COMMANDS = ("status", "lockdown", "end-lockdown", "unlock")


class DoorStub:
    """Listens where the door would, and takes every command; or none, with a reason."""

    def __init__(self, console: Console) -> None:
        self.asked: list[Request] = []
        self.reply = Reply(done=True, data={"modes": {"front": "lockdown"}, "journalled": True})
        path = console.branch.paths.socket("door")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._server = Server(path, dict.fromkeys(COMMANDS, uids_of()), self._answer)

    def _answer(self, call: Call) -> None:
        if call.begin():
            if call.request.command != "status":
                self.asked.append(call.request)
            call.answer(self.reply)

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def door(console: Console) -> Iterator[DoorStub]:
    stub = DoorStub(console)
    yield stub
    stub.close()


@pytest.fixture
def unlocking(console: Console) -> None:
    """[console] remote_unlock = true."""
    settings = console.branch.settings
    pages = settings.console.model_copy(update={"remote_unlock": True})
    console.branch.settings = settings.model_copy(update={"console": pages})


def told(console: Console, kind: EventType, subject: str = "front") -> None:
    console.write("door", [NewEvent(kind, subject, console.stamp())])


@pytest.mark.parametrize("role", [Role.DESK, Role.SUPERVISOR, Role.CCTV, Role.DPO, Role.ENGINEER])
def test_all_but_the_auditor_see_today_also_of_a_branch_that_has_not_begun(
    console: Console, role: Role
) -> None:
    text = console.client(role).get("/today/").content.decode()
    assert "What wants attention" in text
    assert "The door&#39;s service does not answer" in text
    assert ("Lockdown</a>" in text) is (role in (Role.DESK, Role.SUPERVISOR))
    assert ("today-latest--alone" in text) is (role is Role.ENGINEER)


def test_the_auditor_does_not(console: Console) -> None:
    for address in ("/today/", "/today/stream/", "/today/lockdown/"):
        assert console.client(Role.AUDITOR).get(address).status_code == 403
    assert len(console.events(EventType.CONSOLE_REFUSED)) == 3


def test_a_page_that_is_asked_for_shows_how_it_is_then(console: Console) -> None:
    client = console.client(Role.DESK)
    client.get("/today/")
    told(console, EventType.DOOR_FORCED)
    (event,) = console.branch.journal("door").read(0)
    assert f'href="/events/{event.id}/"' in client.get("/today/").content.decode()
    text = client.get("/today/").content.decode()
    assert "Door front was forced open" in text
    assert '<time datetime="2026-09-21T15:13:20+01:00">21 September 2026, 15:13:20 BST</time>' in text


def test_what_came_before_today_is_shown_with_its_day(console: Console) -> None:
    for before_s in (16 * 3600, 0):
        console.write("door", [NewEvent(EventType.EXIT_REQUESTED, "front", console.stamp(before_s))])
    text = console.client(Role.DESK).get("/today/").content.decode()
    assert '<time datetime="2026-09-20T23:13:20+01:00">20 September 2026, 23:13:20 BST</time>' in text
    assert '<time datetime="2026-09-21T15:13:20+01:00">15:13:20 BST</time>' in text


def test_an_open_page_is_sent_what_has_changed(console: Console) -> None:
    response = console.client(Role.DESK).get("/today/stream/")
    live = live_of(console.branch)
    try:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["X-Accel-Buffering"] == "no"
        news = iter(response)
        assert b'"say":[]' in next(news)
        told(console, EventType.DOOR_FORCED)
        sent = next(part for part in news if b"forced" in part)
        assert b'"say":["Now: Door front was forced open."]' in sent
        assert b'"cameras":' not in sent
        response.close()
    finally:
        live.close()


@pytest.mark.parametrize("how", ["logged out", "another role", "disabled"])
def test_an_open_page_of_who_may_not_see_it_any_more_is_told_nothing_more(
    console: Console, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(views, "CHECKED_S", 0)
    monkeypatch.setattr(live, "GONE_S", 0.05)
    client, account = console.client(Role.DESK), console.account(Role.DESK)
    response = client.get("/today/stream/")
    try:
        news = iter(response)
        assert next(news)
        match how:
            case "logged out":
                client.post("/account/logout/")
            case "another role":
                account.give_roles([Role.AUDITOR])
                account.save()
            case _:
                account.is_active = False
                account.save()
        assert list(news) == []
        response.close()
    finally:
        live_of(console.branch).close()


def test_too_many_open_pages_are_told_so(console: Console) -> None:
    client, live = console.client(Role.DESK), live_of(console.branch)
    opened = [client.get("/today/stream/") for _ in range(STREAMS)]
    try:
        assert client.get("/today/stream/").status_code == 503
        opened[0].close()
        opened.append(client.get("/today/stream/"))
        assert opened[-1].status_code == 200
    finally:
        for response in opened:
            response.close()
        live.close()


def test_a_page_that_was_closed_makes_room_at_once(console: Console, application: WSGIHandler) -> None:
    server = WebServer(application, "127.0.0.1", 0)
    server.start()
    cookies = console.client(Role.DESK, host="127.0.0.1").cookies.values()
    headers = {"Cookie": "; ".join(f"{one.key}={one.value}" for one in cookies)}

    def opened() -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/today/stream/", headers=headers)
        return connection.getresponse()

    try:
        pages = [opened() for _ in range(STREAMS)]
        assert [each.status for each in pages] == [200] * STREAMS
        assert opened().status == 503
        for each in pages:
            each.close()
        wait_until(lambda: opened().status == 200, 5.0, "a place for another page")
    finally:
        live_of(console.branch).close()
        server.close()


@pytest.mark.usefixtures("unlocking")
@pytest.mark.parametrize(
    ("address", "command", "arguments"),
    [
        ("/today/lockdown/", "lockdown", {"door": "front"}),
        ("/today/end-lockdown/", "end-lockdown", {"door": "front"}),
        ("/today/unlock/", "unlock", {"door": "front", "why": "delivery"}),
    ],
)
def test_the_door_is_told_once_it_is_confirmed_with_the_account_that_does(
    console: Console, door: DoorStub, address: str, command: str, arguments: dict[str, str]
) -> None:
    client, before = console.client(Role.DESK), len(console.events())
    assert client.get(address).status_code == 200
    assert door.asked == []
    response = client.post(address, {"why": "delivery"})
    assert (response.status_code, response.headers["Location"]) == (302, "/today/")
    assert door.asked == [Request(command, arguments, "desk")]
    assert "Door front is in mode lockdown." in client.get("/today/").content.decode()
    assert "is in mode" not in client.get("/today/").content.decode()
    assert len(console.events()) == before  # the door journals it


@pytest.mark.usefixtures("unlocking")
@pytest.mark.parametrize(
    ("given", "fault"),
    [({"why": "Mrs Smith"}, "Choose why the door is unlocked"), ({"door": "back", "why": "test"}, "")],
)
def test_a_door_is_unlocked_for_a_reason_that_there_is(
    console: Console, door: DoorStub, given: dict[str, str], fault: str
) -> None:
    response = console.client(Role.DESK).post("/today/unlock/", given)
    if fault:
        assert response.status_code == 400
        assert f'<a href="#why">{fault}</a>' in response.content.decode()
        assert door.asked == []
    else:
        assert door.asked[0].arguments["door"] == "front"


@pytest.mark.usefixtures("unlocking")
def test_where_there_are_several_doors_all_are_locked_down_and_one_is_unlocked(
    console: Console, door: DoorStub
) -> None:
    settings = console.branch.settings
    back = settings.doors[0].model_copy(update={"id": "back"})
    console.branch.settings = settings.model_copy(update={"doors": (*settings.doors, back)})
    client = console.client(Role.DESK)
    assert 'value="all" checked' in client.get("/today/lockdown/").content.decode()
    client.post("/today/lockdown/", {"door": "all"})
    client.post("/today/end-lockdown/", {"door": "back"})
    response = client.post("/today/unlock/", {"why": "delivery"})
    assert response.status_code == 400
    assert '<a href="#door">Choose a door</a>' in response.content.decode()
    assert client.post("/today/unlock/", {"door": "all", "why": "delivery"}).status_code == 400
    client.post("/today/unlock/", {"door": "back", "why": "delivery"})
    assert [(one.command, dict(one.arguments)) for one in door.asked] == [
        ("lockdown", {}),
        ("end-lockdown", {"door": "back"}),
        ("unlock", {"door": "back", "why": "delivery"}),
    ]


def test_a_command_that_was_not_done_says_so(console: Console, door: DoorStub) -> None:
    door.reply = Reply(done=False, reason="fire", data={"modes": {"front": "fire"}})
    response = console.client(Role.DESK).post("/today/lockdown/")
    assert response.status_code == 503
    assert "door front is in mode fire" in response.content.decode()


def test_a_door_that_does_not_answer_is_said(console: Console) -> None:
    response = console.client(Role.SUPERVISOR).post("/today/lockdown/")
    assert response.status_code == 503
    assert "the door does not answer" in response.content.decode()


def test_who_may_not_command_is_refused_and_the_door_is_not_asked(console: Console, door: DoorStub) -> None:
    for role in (Role.CCTV, Role.DPO, Role.ENGINEER):
        for address in ("/today/lockdown/", "/today/end-lockdown/", "/today/unlock/"):
            assert console.client(role).post(address, {"why": "test"}).status_code == 403
    assert door.asked == []
    assert len(console.events(EventType.CONSOLE_REFUSED)) == 9


def test_no_door_is_unlocked_from_here_unless_it_is_set(console: Console, door: DoorStub) -> None:
    client = console.client(Role.DESK)
    assert client.get("/today/unlock/").status_code == 404
    assert client.post("/today/unlock/", {"why": "test"}).status_code == 404
    assert "Unlock a door" not in client.get("/today/").content.decode()
    assert door.asked == []


def test_a_restart_of_the_door_in_a_lockdown_is_seen(console: Console) -> None:
    doors = {"front": {"lockdown": True, "evacuation": False, "open": False}}
    console.write(
        "door", [NewEvent(EventType.SERVICE_STARTED, CONTROLLER, console.stamp(), {"doors": doors})]
    )
    assert "Door front is in lockdown" in console.client(Role.DESK).get("/today/").content.decode()
