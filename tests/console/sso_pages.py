"""Played by ``test_sso`` with ``[console.sso]`` set: logging in with a second factor, and by an issuer."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver

from controller.console.accounts import hashing
from controller.console.accounts.models import StaffAccount
from controller.core.event import EventType

PASSWORD = "gravel teapot nine sparrows"
ISSUER = "https://login.example.org/staff"
STARTED_S = time.time()


@pytest.fixture(autouse=True)
def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing.OneAtATime, "memory_cost", 64)
    cache.clear()


@pytest.fixture(autouse=True)
def within_one_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code counts for 30 seconds: no test may begin in one and end in the next."""
    monkeypatch.setattr(totp, "time", SimpleNamespace(time=lambda: STARTED_S))


@pytest.fixture
def desk(console: Any) -> StaffAccount:
    account: StaffAccount = console.account("desk")
    account.give_password(PASSWORD, None)
    account.save()
    return account


def log_in(client: Client, **more: str) -> Any:
    return client.post("/account/login/", {"name": "desk", "password": PASSWORD, **more})


def code(secret: str) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(STARTED_S // 30))))


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """The app's secret, and the recovery codes."""
    client.post("/account/again/?next=/account/factors/app/", {"password": PASSWORD})
    text = client.get("/account/factors/app/").content.decode()
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", text)
    assert "<svg" in text
    assert "data:image" not in text
    answer = client.post("/account/factors/app/", {"code": code(secret)}, follow=True)
    codes = re.findall(r"<li><code>(.*?)</code>", answer.content.decode())
    assert len(codes) == 10
    return secret, codes


def test_every_page_says_who_may_see_it(console: Any) -> None:
    def walk(patterns: Any) -> Any:
        for one in patterns:
            yield from walk(one.url_patterns) if hasattr(one, "url_patterns") else [one]

    found = list(walk(get_resolver().url_patterns))
    assert [one for one in found if not hasattr(one.callback, "access")] == []
    assert any(one.name == "mfa_authenticate" for one in found)


def test_a_second_factor_is_wanted_before_anything_else(console: Any, desk: StaffAccount) -> None:
    client = console.client(None)
    assert log_in(client, next="/help/").headers["Location"] == "/help/"
    assert client.get("/help/").headers["Location"] == "/account/factors/"
    secret, codes = set_up_app(client)
    assert client.get("/help/").status_code == 200
    assert codes[0] not in client.get("/account/factors/codes/").content.decode()  # shown once

    cache.clear()
    client = console.client(None)
    assert log_in(client, next="/help/").headers["Location"] == "/account/factors/log-in/"
    assert client.get("/help/").status_code == 302  # the password alone opens nothing
    assert client.get("/account/factors/log-in/").status_code == 200
    assert "Incorrect code" in client.post("/account/factors/log-in/", {"code": "000000"}).content.decode()
    answer = client.post("/account/factors/log-in/", {"code": code(secret)})
    assert answer.headers["Location"] == "/help/"
    assert client.get("/help/").status_code == 200
    again = console.client(None)
    log_in(again)
    assert again.post("/account/factors/log-in/", {"code": code(secret)}).status_code == 200  # used once
    assert again.post("/account/factors/log-in/", {"code": codes[3]}).status_code == 302
    logged_in = [event.data["with"] for event in console.events(EventType.CONSOLE_LOGGED_IN)]
    assert logged_in == ["password", "password+totp", "password+recovery_codes"]


def test_codes_cannot_be_guessed_for_long(console: Any, desk: StaffAccount) -> None:
    client = console.client(None)
    log_in(client)
    secret, _ = set_up_app(client)
    cache.clear()
    client = console.client(None)
    log_in(client)
    for _ in range(12):
        answer = client.post("/account/factors/log-in/", {"code": "000000"})
    assert "Too many" in answer.content.decode()
    assert client.post("/account/factors/log-in/", {"code": code(secret)}).status_code in (200, 429)
    assert client.get("/help/").status_code == 302


def test_factors_are_changed_only_by_who_has_just_shown_who_it_is(console: Any, desk: StaffAccount) -> None:
    client = console.client("desk")  # logged in, without any factor in this session
    for path in ("/account/factors/app/", "/account/factors/keys/add/", "/account/factors/codes/new/"):
        assert client.get(path).headers["Location"].startswith("/account/again/?next=")
    answer = client.post("/account/again/?next=/account/factors/app/", {"password": PASSWORD})
    assert answer.headers["Location"] == "/account/factors/app/"
    assert client.get("/account/factors/keys/add/").status_code == 200
    for path in ("/account/factors/", "/account/factors/keys/", "/account/factors/codes/new/"):
        assert client.get(path).status_code == 200
    other = console.account("dpo")
    key = Authenticator.objects.create(user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "theirs"})
    assert client.post(f"/account/factors/keys/{key.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_a_supervisor_lets_somebody_in_who_has_lost_their_factors(console: Any, desk: StaffAccount) -> None:
    client = console.client(None)
    log_in(client)
    set_up_app(client)
    supervisor = console.client("supervisor")
    Authenticator.objects.create(
        user=console.account("supervisor"), type=Authenticator.Type.TOTP, data={"secret": "x"}
    )
    supervisor.post("/staff/desk/factors/forget/")
    assert not Authenticator.objects.filter(user=desk).exists()
    assert client.get("/help/").headers["Location"].startswith("/account/login/")
    assert console.events(EventType.STAFF_CHANGED)[-1].data["change"] == "factors"


class Issuer:
    """The authority's service, as the network shows it."""

    def __init__(self) -> None:
        self.claims: dict[str, object] = {}
        self.asked: list[dict[str, str]] = []

    def __enter__(self) -> Issuer:
        return self

    def __exit__(self, *_: object) -> None: ...

    def get(self, url: str, **_: object) -> Answer:
        assert url == f"{ISSUER}/.well-known/openid-configuration"
        at = {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", "token_endpoint": f"{ISSUER}/token"}
        methods = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        return Answer({**at, **methods, "authorization_endpoint": f"{ISSUER}/authorize"})

    def request(self, method: str, url: str, *, data: dict[str, str], **_: object) -> Answer:
        assert (method, url) == ("POST", f"{ISSUER}/token")
        self.asked.append(data)
        now = int(time.time())
        known = {"iss": ISSUER, "aud": "unlocked", "sub": "4711", "iat": now, "exp": now + 60}
        token = jwt.encode({**known, **self.claims}, "k" * 32, "HS256")
        return Answer({"access_token": "x", "token_type": "Bearer", "id_token": token})


class Answer:
    status_code = 200
    headers = {"content-type": "application/json"}  # noqa: RUF012
    text = content = ""

    def __init__(self, said: dict[str, object]) -> None:
        self._said = said

    def raise_for_status(self) -> None: ...

    def json(self) -> dict[str, object]:
        return self._said


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Issuer:
    found = Issuer()
    monkeypatch.setattr(DefaultSocialAccountAdapter, "get_requests_session", lambda _self: found)
    return found


def come_back(client: Client) -> Any:
    """From the issuer, which was asked."""
    asked = client.post("/account/issuer/")
    assert asked.status_code == 302
    where = urlsplit(asked.headers["Location"])
    given = {name: values[0] for name, values in parse_qs(where.query).items()}
    assert f"{where.scheme}://{where.netloc}{where.path}" == f"{ISSUER}/authorize"
    assert given["code_challenge_method"] == "S256"
    return client.get("/account/issuer/callback/", {"code": "x", "state": given["state"]})


def test_the_authoritys_own_account_opens_the_one_of_its_name(
    console: Any, desk: StaffAccount, issuer: Issuer
) -> None:
    login = console.client(None).get("/account/login/")
    assert "https://login.example.org" in login.headers["Content-Security-Policy"]
    issuer.claims = {"preferred_username": "Desk"}
    client = console.client(None)
    assert come_back(client).status_code == 302
    assert "code_verifier" in issuer.asked[0]
    assert client.get("/help/").status_code == 200  # its second factor is the issuer's business
    (event,) = console.events(EventType.CONSOLE_LOGGED_IN)
    assert event.data == {"with": "socialaccount", "user": "desk", "console": True}
    issuer.claims = {"preferred_username": "renamed"}
    assert come_back(console.client(None)).status_code == 302  # the same identity


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "nobody"},
        {},
        {"preferred_username": "off"},
        {"preferred_username": "desk", "aud": "another"},
        {"preferred_username": "desk", "iss": "https://evil.example"},
        {"preferred_username": "desk", "exp": 1},
    ],
)
def test_other_identities_open_nothing(
    console: Any, desk: StaffAccount, issuer: Issuer, claims: dict[str, object]
) -> None:
    console.account("dpo", name="off")
    StaffAccount.objects.filter(name="off").update(is_active=False)
    issuer.claims = claims
    client = console.client(None)
    assert come_back(client).status_code in (401, 403)
    assert client.get("/help/").status_code == 302
    assert console.events(EventType.CONSOLE_LOGGED_IN) == []


def test_a_name_that_was_given_to_somebody_else_opens_nothing(
    console: Any, desk: StaffAccount, issuer: Issuer
) -> None:
    issuer.claims = {"preferred_username": "desk"}
    come_back(console.client(None))
    issuer.claims = {"preferred_username": "desk", "sub": "4712"}
    assert come_back(console.client(None)).status_code == 403


def test_an_answer_that_nobody_here_asked_for_opens_nothing(
    console: Any, desk: StaffAccount, issuer: Issuer
) -> None:
    issuer.claims = {"preferred_username": "desk"}
    client = console.client(None)
    assert client.get("/account/issuer/callback/", {"code": "x", "state": "made-up"}).status_code == 401
    assert client.get("/account/issuer/").status_code == 405  # a link leads nobody away
    assert issuer.asked == []
