"""Logging in and out: who is let in, what is recorded, how often one may try."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from controller.console.accounts import changes, hashing, limits, names, passwords, throttle
from controller.console.accounts.models import StaffAccount
from controller.core.event import EventType

PASSWORD = "gravel teapot nine sparrows"
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing.OneAtATime, "memory_cost", 64)


@pytest.fixture
def desk(console: Any) -> StaffAccount:
    account: StaffAccount = console.account("desk")
    account.give_password(PASSWORD, None)
    account.save()
    return account


def log_in(client: Client, name: str = "desk", password: str = PASSWORD, **more: str) -> Any:
    return client.post(
        LOGIN, {"name": name, "password": password, **more}, REMOTE_ADDR=more.pop("at", "192.0.2.1")
    )


def told(console: Any) -> list[tuple[str, str | None, str | None]]:
    refused = console.events(EventType.CONSOLE_LOGIN_REFUSED)
    return [(event.data["cause"], event.data.get("user"), event.data["must_wait"]) for event in refused]


def test_whoever_logs_in_is_recorded_and_gets_a_new_session(console: Any, desk: StaffAccount) -> None:
    client = console.client(None)
    client.get(LOGIN)
    client.cookies["__Host-console"] = "a" * 32  # that somebody else has planted
    answer = log_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/home/")
    assert client.cookies["__Host-console"].value != "a" * 32
    (event,) = console.events(EventType.CONSOLE_LOGGED_IN)
    assert (event.subject, event.data) == ("console", {"with": "password", "user": "desk", "console": True})
    assert client.get("/account/").status_code == 200


def test_a_session_from_before_logging_in_opens_nothing_afterwards(console: Any, desk: StaffAccount) -> None:
    client, thief = console.client(None), console.client(None)
    client.get("/account/")  # makes no session, but one might be there from an earlier account
    log_in(client)
    first = client.cookies["__Host-console"].value
    client.post("/account/logout/")
    log_in(client)
    assert client.cookies["__Host-console"].value != first
    thief.cookies["__Host-console"] = first
    assert thief.get("/account/").status_code == 302


def test_the_cookies_are_of_this_host_and_no_script_reads_them(console: Any, desk: StaffAccount) -> None:
    client = console.client(None)
    client.get(LOGIN)
    log_in(client)
    for cookie in client.cookies.values():
        assert cookie.key.startswith("__Host-")
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (
            True,
            True,
            "/",
            "",
        )
        assert cookie["samesite"] in ("Lax", "Strict")


@pytest.mark.parametrize(("name", "password"), [("desk", "wrong"), ("nobody", PASSWORD), ("off", PASSWORD)])
def test_what_is_wrong_is_told_in_the_same_words(
    console: Any, desk: StaffAccount, name: str, password: str
) -> None:
    off = console.account("dpo", name="off")
    off.give_password(PASSWORD, None)
    off.is_active = False
    off.save()
    answer = log_in(console.client(None), name, password)
    assert answer.status_code == 400
    assert "do not belong together" in answer.content.decode()
    user = name if name != "nobody" else None  # what is no account's name may be a password
    assert told(console) == [("wrong", user, False)]


def test_too_many_tries_wait_and_others_do_not(console: Any, desk: StaffAccount) -> None:
    client = console.client(None)
    for _ in range(limits.TRIES - 1):
        assert log_in(client, password="wrong").status_code == 400
    last = log_in(client, password="wrong")
    assert (last.status_code, last.headers["Retry-After"]) == (429, "900")
    assert "Wait 15 minutes" in last.content.decode()
    assert log_in(client).status_code == 429  # also with the right one
    assert told(console)[-1] == ("wrong", "desk", True)
    assert len(told(console)) == limits.TRIES  # what is not looked at is not told again and again
    elsewhere = client.post(LOGIN, {"name": "desk", "password": PASSWORD}, REMOTE_ADDR="192.0.2.2")
    assert elsewhere.status_code == 302


def test_names_that_do_not_exist_wait_just_so(console: Any, desk: StaffAccount) -> None:
    answers = [log_in(console.client(None), "nobody", "wrong").status_code for _ in range(limits.TRIES + 1)]
    assert answers[-2:] == [429, 429]
    assert throttle.AccessAttempt.objects.get().username.startswith("?")


def test_an_account_takes_no_hundred_tries_an_hour_from_many_addresses(
    console: Any, desk: StaffAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.HOURLY_OF_ACCOUNT < 100
    monkeypatch.setattr(throttle, "HOURLY_OF_ACCOUNT", 3)
    client = console.client(None)
    codes = [
        client.post(LOGIN, {"name": "desk", "password": "wrong"}, REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(1, 6)
    ]
    assert codes == [400, 400, 400, 429, 429]
    changes.new_password(console.branch.staff.record, desk, PASSWORD)
    assert log_in(client).status_code == 302


def test_an_address_cannot_try_account_after_account(
    console: Any, desk: StaffAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "HOURLY_OF_ADDRESS", 3)
    codes = [log_in(console.client(None), f"name{n}", "wrong").status_code for n in range(5)]
    assert codes == [400, 400, 400, 429, 429]


def test_a_crowd_of_made_up_names_does_not_fill_the_journal(
    console: Any, desk: StaffAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "HOURLY_OF_STRANGERS", 3)
    for n in range(6):
        log_in(console.client(None), f"name{n}", "wrong", at=f"192.0.2.{n}")
    assert told(console) == [("wrong", None, False)] * 3
    log_in(console.client(None), "desk", "wrong")
    assert told(console)[3:] == [("wrong", "desk", False)]


def test_what_was_typed_is_not_kept(console: Any, desk: StaffAccount) -> None:
    log_in(console.client(None), "correct-horse-battery", "wrong-battery-horse")
    content = b"".join(file.read_bytes() for file in console.branch.paths.console.parent.glob("*"))
    content += repr(list(throttle.AccessAttempt.objects.values())).encode()
    assert b"battery" not in content


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/account/", "/account/"),
        ("//evil.example/x", "/account/home/"),
        ("https://evil.example/", "/account/home/"),
        ("https:evil.example", "/account/home/"),
        ("javascript:alert(1)", "/account/home/"),
        ("/\\evil.example", "/account/home/"),
        ("/\t/evil.example", "/account/home/"),
    ],
)
def test_nobody_is_led_elsewhere(console: Any, desk: StaffAccount, wanted: str, where: str) -> None:
    assert log_in(console.client(None), next=wanted).headers["Location"] == where


def test_a_password_that_was_made_is_for_choosing_another(console: Any, desk: StaffAccount) -> None:
    desk.give_password(PASSWORD, timezone.now() + timedelta(days=1))
    desk.save()
    client = console.client(None)
    log_in(client)
    assert client.get("/account/").headers["Location"] == "/account/password/"
    client.post("/account/logout/")
    assert client.get("/account/").headers["Location"].startswith("/account/login/")
    log_in(client)
    typed = {"present": PASSWORD, "new": "purple wheelbarrow sonata", "again": "purple wheelbarrow sonata"}
    assert client.post("/account/password/", typed).status_code == 302
    assert client.get("/account/").status_code == 200
    (event,) = console.events(EventType.STAFF_CHANGED)
    assert event.data == {"account": "desk", "change": "own_password", "user": "desk", "console": True}


def test_a_password_that_was_made_does_not_work_for_ever(console: Any, desk: StaffAccount) -> None:
    desk.give_password(PASSWORD, timezone.now() - timedelta(days=1))
    desk.save()
    assert log_in(console.client(None)).status_code == 400
    assert told(console) == [("expired", "desk", False)]


def test_choosing_a_password_ends_the_other_sessions(console: Any, desk: StaffAccount) -> None:
    here, elsewhere = console.client(None), console.client(None)
    log_in(here)
    log_in(elsewhere)
    assert "1 other session" in here.get("/account/").content.decode()
    typed = {"present": "wrong", "new": "purple wheelbarrow sonata", "again": "purple wheelbarrow sonata"}
    assert here.post("/account/password/", typed).status_code == 400
    assert told(console) == [("wrong", "desk", False)]
    here.post("/account/password/", {**typed, "present": PASSWORD})
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_logging_out_everywhere_else(console: Any, desk: StaffAccount) -> None:
    here, elsewhere = console.client(None), console.client(None)
    log_in(here)
    log_in(elsewhere)
    here.post("/account/sessions/end/")
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_logging_out(console: Any, desk: StaffAccount) -> None:
    client = console.client(None)
    log_in(client)
    assert client.get("/account/logout/").status_code == 405  # no link logs anybody out
    was = client.cookies["__Host-console"].value
    answer = client.post("/account/logout/")
    assert "storage" in answer.headers["Clear-Site-Data"]
    client.cookies["__Host-console"] = was
    assert client.get("/account/").status_code == 302
    (event,) = console.events(EventType.CONSOLE_LOGGED_OUT)
    assert event.data == {"cause": "asked", "user": "desk", "console": True}


@pytest.mark.parametrize(("step_s", "cause"), [(31 * 60, "idle"), (29 * 60, "long")])
def test_a_session_ends(console: Any, desk: StaffAccount, step_s: int, cause: str) -> None:
    client = console.client(None)
    log_in(client)
    for _ in range(12 * 60 * 60 // step_s + 1):
        console.clock.sleep(step_s)
        answer = client.get("/account/")
    assert answer.status_code == 302
    (event,) = console.events(EventType.CONSOLE_LOGGED_OUT)
    assert event.data == {"cause": cause, "user": "desk", "console": True}
    assert "You were logged out" in client.get(LOGIN).content.decode()


def test_a_session_ends_when_its_account_is_disabled(console: Any, desk: StaffAccount) -> None:
    client = console.client(None)
    log_in(client)
    StaffAccount.objects.update(is_active=False)
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "password",
    [
        *("short", "password1234", "Passw0rd!!!!", "aaaaaaaaaaaaaaaa", "123456789012", "abcdefghijklmnop"),
        *("library-desk-2026", "market street library", "desk supervisor!", "monkeymonkey", "x" * 201),
    ],
)
def test_passwords_that_are_guessed_first_are_refused(
    console: Any, desk: StaffAccount, password: str
) -> None:
    client = console.client("desk")
    answer = client.post("/account/password/", {"present": PASSWORD, "new": password, "again": password})
    assert answer.status_code == 400
    assert "There is a problem" in answer.content.decode()
    assert password not in answer.content.decode()


@pytest.mark.parametrize(
    "password", ["gravel teapot nine sparrows", "κόκκινο ποδήλατο", "0271828182845904523", "Zx" + "u7Q" * 21]
)
def test_passwords_of_any_characters_are_taken(desk: StaffAccount, password: str) -> None:
    from django.contrib.auth.password_validation import validate_password

    validate_password(password, desk)
    validate_password(passwords.made(), desk)


def test_passwords_are_hashed_with_argon2id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    account = StaffAccount()
    account.give_password(PASSWORD, None)
    assert account.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("typed", ["", "-x", "a b", "ä", "x/../y", "a" * 65, "<b>"])
def test_names_are_plain(typed: str) -> None:
    with pytest.raises(names.NameUnusable):
        names.checked(typed)
    assert names.checked(" J.Smith@library ") == "j.smith@library"
