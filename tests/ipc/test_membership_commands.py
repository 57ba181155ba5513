from __future__ import annotations

import pytest

from controller.core.event import JsonValue
from controller.ipc import membership_commands
from controller.ipc.membership_commands import Counted, Importing, Order, Stage
from controller.ipc.messages import BadMessage, Reply, Request, Scalar, read_reply, write_reply

ORDER = Order("members.csv", 1_795_219_200_000_000, "untrusted comment: …\nRW\n", shrink=True, older=True)
IMPORTING = Importing(
    Stage.REFUSED,
    3,
    "members.csv",
    "desk",
    1_795_219_200_000_000,
    10,
    20,
    "shrunk",
    "it would leave 1",
    "shrink",
    {"members": 4},
    ("surname",),
)
COUNTED = Counted(5, 1_795_219_200_000_000, "12345678", {"adult": 4, "": 1}, (1, 2, 3), 1, 2, 0, 7, None, 0)


def sent(reply: Reply) -> Reply:
    return read_reply(write_reply(reply))


@pytest.mark.parametrize("order", [ORDER, Order("members-full-20261122T060000Z.csv")])
def test_an_import_is_understood_as_it_was_asked(order: Order) -> None:
    request = membership_commands.ask_to_import(order, "desk")
    assert request.staff == "desk"
    assert membership_commands.understand_import(request) == order


@pytest.mark.parametrize(
    "more",
    [
        {"name": ""},
        {"name": "a" * 201},
        {"name": "a\nb"},
        {"name": 1},
        {"as_of_us": 0},
        {"as_of_us": True},
        {"as_of_us": "now"},
        {"signature": "x" * 1025},
        {"shrink": 1},
        {"older": "yes"},
        {"path": "/etc/passwd"},
    ],
)
def test_what_makes_no_sense_is_no_import(more: dict[str, Scalar]) -> None:
    with pytest.raises(BadMessage):
        membership_commands.understand_import(Request("import", {"name": "members.csv", **more}))


def test_how_far_it_is_arrives_as_it_was_told() -> None:
    assert membership_commands.importing_of(sent(membership_commands.tell_importing(IMPORTING))) == IMPORTING


def test_a_count_arrives_as_it_was_told() -> None:
    assert membership_commands.counted_of(sent(membership_commands.tell_counted(COUNTED))) == COUNTED


@pytest.mark.parametrize(
    "spoiled", [{"stage": "flying"}, {"done": True}, {"why": None}, {"imported": []}, {"dropped": [1]}]
)
def test_what_is_not_plain_says_nothing_of_an_import(spoiled: dict[str, JsonValue]) -> None:
    plain = membership_commands.tell_importing(IMPORTING)
    assert membership_commands.importing_of(Reply(done=True, data={**plain.data, **spoiled})) is None
    assert membership_commands.importing_of(Reply(done=False, data=plain.data)) is None


@pytest.mark.parametrize(
    "spoiled", [{"live": [1, 2]}, {"members": "5"}, {"categories": {"adult": None}}, {"pins_as_of_us": ""}]
)
def test_what_is_not_plain_says_nothing_of_a_count(spoiled: dict[str, JsonValue]) -> None:
    plain = membership_commands.tell_counted(COUNTED)
    assert membership_commands.counted_of(Reply(done=True, data={**plain.data, **spoiled})) is None
    assert membership_commands.counted_of(Reply(done=True)) is None


def test_only_an_import_brings_a_file_and_the_console_may_ask_for_everything() -> None:
    assert {"import"} == membership_commands.TAKES_FILE
    assert membership_commands.permitted().keys() == {"import", "import-status", "count"}
