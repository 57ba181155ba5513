from __future__ import annotations

from controller.core.naming import same_person
from controller.staff.account import Account

HERE = Account(1000, "desk")
CONSOLE = Account(None, "desk")


def test_an_event_says_where_the_account_logged_in() -> None:
    assert HERE.data == {"uid": 1000, "user": "desk"}
    assert CONSOLE.data == {"user": "desk", "console": True}


def test_people_are_the_same_by_name_wherever_they_logged_in() -> None:
    assert same_person(HERE.data, CONSOLE.data)
    assert same_person(HERE.data, Account(None, "Desk").data)
    assert same_person(HERE.data, Account(1000, "renamed").data)
    assert not same_person(CONSOLE.data, Account(None, "supervisor").data), "neither has a number"
    assert not same_person(HERE.data, Account(1001, "supervisor").data)
