"""The pages about devices: who sees them, what they say, and a reader that is tried."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from controller.core.event import EventType
from controller.ipc.messages import Reply
from controller.ipc.reader_tests import Heard, ReaderTested, tell
from controller.ipc.server import Call, Server
from controller.settings.staff import Role

US = frozenset({os.geteuid()})
OVERVIEW, SETTINGS, READER = "/devices/", "/devices/settings/", "/devices/doors/front/readers/in/"


class Door:
    """Answers as a door does. tested: of its reader. asked: each command, with its arguments and account."""

    def __init__(self) -> None:
        self.tested = ReaderTested(under_way=False, begun=False)
        self.asked: list[tuple[str, dict[str, object], str]] = []

    def received(self, call: Call) -> None:
        assert call.begin()
        request = call.request
        self.asked.append((request.command, dict(request.arguments), request.staff))
        if request.command == "reader-test":
            self.tested = ReaderTested(under_way=True, left_s=30)
            call.answer(Reply(done=True, data={"modes": {"front": "locked"}, "journalled": True}))
        elif request.command == "reader-heard":
            call.answer(tell(self.tested))
        else:
            call.answer(Reply(done=False, reason="busy"))


@pytest.fixture
def door(console: Any) -> Iterator[Door]:
    door = Door()
    path = console.branch.paths.socket("door")
    path.parent.mkdir(parents=True, exist_ok=True)
    permitted = dict.fromkeys(("status", "reader-test", "reader-heard"), US)
    server = Server(path, permitted, door.received)
    yield door
    server.close()


def text(client: Any, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_who_sees_devices_and_settings_and_who_tries_readers(console: Any) -> None:
    refused = 0
    for role in Role:
        client = console.client(role)
        may_try = role in (Role.ENGINEER, Role.SUPERVISOR)
        sees = may_try or role is Role.CCTV
        statuses = [client.get(path).status_code for path in (OVERVIEW, SETTINGS, READER)]
        assert statuses == [200 if may else 403 for may in (sees, may_try, may_try)], role
        refused += statuses.count(403)
        if sees:
            page = text(client, OVERVIEW)
            offered = (READER in page, "/devices/cameras/entrance/picture/" in page)
            assert offered == (may_try, role is Role.CCTV), role
    assert len(console.events(EventType.CONSOLE_REFUSED)) == refused


def test_each_device_says_what_it_is_and_how(console: Any) -> None:
    page = text(console.client("engineer"), OVERVIEW)
    assert "Door front" in page
    assert "For coming in. Format line" in page
    assert "Network camera rtsp://127.0.0.1:9/entrance. Recorded all the time" in page
    assert "Not known" in page


def test_a_card_is_tried_at_a_reader(console: Any, door: Door) -> None:
    client = console.client("engineer")
    assert "data-under-way" not in text(client, READER)
    answer = client.post(READER)
    assert (answer.status_code, answer.headers["Location"]) == (302, READER)
    assert ("reader-test", {"door": "front", "reader": "in"}, "engineer") in door.asked
    waiting = text(client, READER)
    assert "data-under-way" in waiting
    assert "Hold a card to the reader. 30 seconds left." in waiting
    door.tested = ReaderTested(under_way=False, heard=Heard.CARD, characters=14, digits=True)
    read = text(client, READER)
    assert "A card was read: 14 digits." in read
    assert "data-under-way" not in read


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        (Heard.NOTHING, "Nothing came within 30 seconds"),
        (Heard.PIECES, "7 bytes came, and nothing whole"),
        (Heard.NOT_A_CARD, "no card as the settings have them"),
        (Heard.HALF_A_CARD, "Hold the card there for longer"),
        (Heard.KEY, "A key of the keypad"),
    ],
)
def test_what_came_instead_says_what_to_do(console: Any, door: Door, heard: Heard, said: str) -> None:
    door.tested = ReaderTested(under_way=False, heard=heard, bytes=7)
    assert said in text(console.client("supervisor"), READER)


def test_a_door_that_does_not_answer_is_told(console: Any) -> None:
    client = console.client("engineer")
    assert "the door does not answer" in text(client, READER)
    assert "the door does not answer" in client.post(READER).content.decode()


def test_a_reader_that_is_not_there_is_no_page(console: Any) -> None:
    text(console.client("engineer"), "/devices/doors/front/readers/out/", 404)
    text(console.client("engineer"), "/devices/doors/back/readers/in/", 404)


def test_settings_say_where_each_comes_from(console: Any) -> None:
    client = console.client("engineer")
    page = text(client, SETTINGS)
    assert "Europe/London" in page
    assert "is not in the file." in page
    assert "journal-key-door" in page
    assert text(client, f"{SETTINGS}?only=set").count(">default<") == 0
    assert page.count(">default<") > 50
