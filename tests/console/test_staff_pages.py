"""Supervisors keep the accounts of staff, and nobody their own."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from controller.console.accounts import changes, hashing
from controller.console.accounts.models import StaffAccount
from controller.core.event import EventType
from controller.settings.staff import Role

DAY = {"day": "31", "month": "3", "year": "2027"}


@pytest.fixture(autouse=True)
def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing.OneAtATime, "memory_cost", 64)


@pytest.fixture
def supervisor(console: Any) -> Client:
    client: Client = console.client("supervisor")
    return client


def told(console: Any) -> list[dict[str, object]]:
    found = console.events(EventType.STAFF_ADDED, EventType.STAFF_CHANGED, EventType.CONSOLE_REFUSED)
    assert all(event.data["user"] == "supervisor" and event.data["console"] for event in found)
    return [{k: v for k, v in event.data.items() if k not in ("user", "console")} for event in found]


def test_an_account_is_added_and_its_password_shown_once(console: Any, supervisor: Client) -> None:
    answer = supervisor.post("/staff/add/", {"name": "Night", "roles": ["desk", "cctv"], **DAY})
    account = StaffAccount.objects.get(name="night")
    (password,) = re.findall(r"<code>([a-z2-9-]{23})</code>", answer.content.decode())
    assert account.check_password(password)
    assert (account.roles, account.trained_until) == ({Role.DESK, Role.CCTV}, date(2027, 3, 31))
    assert account.must_change_password
    assert told(console) == [{"account": "night", "roles": ["cctv", "desk"], "trained_until": "2027-03-31"}]
    assert password not in supervisor.get("/staff/").content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"roles": ["desk"]}, "Enter a name for the account"),
        ({"name": "two words", "roles": ["desk"]}, "Use up to 64 small letters"),
        ({"name": "supervisor", "roles": ["desk"]}, "There is an account called supervisor already"),
        ({"name": "x"}, "Choose at least one role"),
        ({"name": "x", "roles": ["root"]}, "Choose from the roles shown"),
        ({"name": "x", "roles": ["desk"], "day": "31", "month": "2", "year": "2027"}, "Enter the last day"),
    ],
)
def test_what_is_wrong_is_told_beside_its_box(
    console: Any, supervisor: Client, typed: dict[str, Any], said: str
) -> None:
    answer = supervisor.post("/staff/add/", typed)
    text = answer.content.decode()
    assert (answer.status_code, text.count(said)) == (400, 2)  # in the summary and at the box
    assert "<title>Error:" in text.replace("\n", "")
    for target in re.findall(r'govuk-error-summary__list.*?href="#([a-z]+)"', text, re.DOTALL):
        assert f'id="{target}"' in text
    assert StaffAccount.objects.count() == 1
    assert told(console) == []


def test_roles_and_training_count_at_once(console: Any, supervisor: Client) -> None:
    desk = console.client("desk")
    assert desk.get("/audit/").status_code == 403
    form = supervisor.get("/staff/desk/change/").content.decode()
    assert re.search(r'value="desk"\s+checked', form)
    supervisor.post("/staff/desk/change/", {"roles": ["auditor"], "day": "", "month": "", "year": ""})
    assert desk.get("/audit/").status_code == 200
    (event,) = console.events(EventType.STAFF_CHANGED)
    assert {"account": "desk", "roles": ["auditor"], "trained_until": None}.items() <= event.data.items()


def test_another_password_logs_its_owner_out(console: Any, supervisor: Client) -> None:
    desk = console.client("desk")
    answer = supervisor.post("/staff/desk/password/")
    (password,) = re.findall(r"<code>([a-z2-9-]{23})</code>", answer.content.decode())
    assert StaffAccount.objects.get(name="desk").check_password(password)
    assert desk.get("/account/").status_code == 302
    assert told(console) == [{"account": "desk", "change": "password"}]


def test_an_account_is_disabled_and_enabled(console: Any, supervisor: Client) -> None:
    desk = console.client("desk")
    supervisor.post("/staff/desk/disable/")
    assert desk.get("/account/").status_code == 302
    assert "Disabled" in supervisor.get("/staff/").content.decode()
    supervisor.post("/staff/desk/enable/")
    assert desk.get("/account/").status_code == 302  # it logs in again first
    assert [one["change"] for one in told(console)] == ["disabled", "enabled"]


def test_an_account_is_logged_out_everywhere(console: Any, supervisor: Client) -> None:
    desk = console.client("desk")
    supervisor.post("/staff/desk/log-out/")
    assert desk.get("/account/").status_code == 302
    assert StaffAccount.objects.get(name="desk").is_active


@pytest.mark.parametrize("what", ["change", "password", "disable", "enable", "log-out"])
def test_nobody_does_so_to_their_own_account(console: Any, supervisor: Client, what: str) -> None:
    before = StaffAccount.objects.values().get()
    answer = supervisor.post(f"/staff/supervisor/{what}/", {"roles": ["dpo", "supervisor"], **DAY})
    assert answer.status_code == 403
    assert StaffAccount.objects.values().get() == before
    (event,) = told(console)
    assert event["cause"] == "own_account"


def test_a_supervisor_whose_training_lapsed_keeps_no_accounts(console: Any) -> None:
    lapsed = console.client("supervisor", trained_until=date(2020, 1, 1))
    console.account("desk")
    answer = lapsed.post("/staff/desk/change/", {"roles": ["desk", "dpo"]})
    assert answer.status_code == 403
    assert "training" in answer.content.decode()
    assert StaffAccount.objects.get(name="desk").roles == {Role.DESK}
    assert lapsed.get("/account/").status_code == 200  # and still sees their own account


def test_a_field_that_is_not_in_the_form_is_not_taken(console: Any, supervisor: Client) -> None:
    console.account("desk")
    before = StaffAccount.objects.values("password", "stamp", "name", "is_active").get(name="desk")
    more = {"password": "x", "stamp": "x", "is_active": "", "id": "1", "last_login": "", "name": "root"}
    supervisor.post("/staff/desk/change/", {"roles": ["desk"], **DAY, **more})
    assert StaffAccount.objects.values("password", "stamp", "name", "is_active").get(name="desk") == before


def test_of_two_who_act_at_once_neither_takes_back_what_the_other_did(console: Any) -> None:
    as_read = console.account("supervisor", name="second")
    account = StaffAccount.objects.get(name="second")
    changes.change(_unheard, account, [Role.DESK], None)
    changes.set_active(_unheard, account, False)
    for own_act in (
        lambda: changes.choose_password(_unheard, as_read, "nine lives of a grey cat"),
        lambda: changes.end_other_sessions(_unheard, as_read),
    ):
        with pytest.raises(changes.Overtaken):
            own_act()
    changes.new_password(_unheard, as_read)
    found = StaffAccount.objects.get(name="second")
    assert (found.roles, found.trained_until, found.is_active) == ({Role.DESK}, None, False)


def test_whose_sessions_are_ended_while_they_choose_a_password_is_logged_out(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = console.account("desk")
    owner.set_password("a password of before")
    owner.save()
    client = console.client("desk")
    looked_at = StaffAccount.check_password

    def slowly(self: StaffAccount, raw: str) -> bool:
        changes.end_sessions(_unheard, StaffAccount.objects.get(name="desk"))  # by a supervisor, meanwhile
        return looked_at(self, raw)

    monkeypatch.setattr(StaffAccount, "check_password", slowly)
    new = "nine lives of a grey cat"
    typed = {"present": "a password of before", "new": new, "again": new}
    assert client.post("/account/password/", typed).headers["Location"] == "/account/login/"
    monkeypatch.undo()
    assert not StaffAccount.objects.get(name="desk").check_password(new)
    assert client.get("/today/").headers["Location"].startswith("/account/login/")


def _unheard(type: EventType, subject: str, data: object) -> Any:
    """Where nobody records."""
