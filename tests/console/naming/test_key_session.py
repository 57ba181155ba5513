"""The key is in memory, for one login, for a quarter of an hour, and every page says so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from controller.console.naming import memory
from controller.console.naming.key_sessions import IDLE_US
from controller.core.event import Event
from controller.secrets import identity
from controller.secrets.credentials import Secret

CARD, PASSPHRASE = "20000000000018", "correct horse battery"
WHY = {"reason": "security_incident", "need": "INC-2026-014"}


def test_while_the_key_is_there_every_page_says_so_and_can_end_it(
    console: Any, bring: Callable[..., Any], identities: Callable[[], list[Any]]
) -> None:
    client = console.client("supervisor")
    key_id = identity.key_id(console.key.public_key())
    assert bring(client).headers["Location"] == "/naming/"
    shown = client.get("/account/").content.decode()
    assert f"key {key_id} is in memory" in shown
    assert "15:28:20 BST" in shown
    client.get("/naming/key/end/")
    assert "is in memory" in client.get("/account/").content.decode()
    assert client.post("/naming/key/end/").status_code == 302
    assert "is in memory" not in client.get("/account/").content.decode()
    assert identities() == [
        ("key_brought", {"keys": [key_id], "user": "supervisor", "console": True}),
        ("key_forgotten", {"cause": "ended", "keys": [key_id], "user": "supervisor", "console": True}),
    ]


def test_it_ends_after_a_quarter_of_an_hour_without_use_and_each_use_prolongs_it(
    console: Any,
    bring: Callable[..., Any],
    door: Callable[..., list[Event]],
    identities: Callable[[], list[Any]],
) -> None:
    (event,) = door(CARD)
    client = console.client("supervisor")
    bring(client)
    console.clock.sleep(IDLE_US / 1_000_000 - 1)
    assert CARD in client.post(f"/naming/event/{event.id}/", WHY).content.decode()
    console.clock.sleep(IDLE_US / 1_000_000 - 1)
    assert "is in memory" in client.get("/account/").content.decode()
    console.clock.sleep(1)
    assert "is in memory" not in client.get("/account/").content.decode()
    assert client.post(f"/naming/event/{event.id}/", WHY).status_code == 422
    assert [(type, data.get("cause")) for type, data in identities()] == [
        ("key_brought", None),
        ("opened", None),
        ("key_forgotten", "idle"),
    ]


def test_nobody_needs_to_look_for_an_idle_key_to_be_forgotten(
    console: Any, bring: Callable[..., Any], identities: Callable[[], list[Any]]
) -> None:
    bring(console.client("supervisor"))
    sessions = memory._kept[0].sessions
    assert sessions._timer is not None
    assert 0 < sessions._timer.interval <= 60
    console.clock.sleep(900)
    sessions._timer.function()
    assert identities()[-1][0] == "key_forgotten"
    assert sessions._timer is None


def test_logging_out_forgets_the_key(
    console: Any, bring: Callable[..., Any], identities: Callable[[], list[Any]]
) -> None:
    client = console.client("supervisor")
    bring(client)
    client.post("/account/logout/")
    assert [data.get("cause") for _, data in identities()] == [None, "logged_out"]
    assert not memory._kept[0].sessions._sessions


@pytest.mark.parametrize("changed", [{"is_active": False}, {"roles_held": ["desk"]}, {"stamp": "another"}])
def test_whoever_may_not_any_more_has_no_key_left(
    console: Any, bring: Callable[..., Any], identities: Callable[[], list[Any]], changed: dict[str, Any]
) -> None:
    bring(console.client("supervisor"))
    sessions = memory._kept[0].sessions
    sessions.forget()
    assert len(sessions._sessions) == 1
    account = console.account("supervisor")
    type(account).objects.filter(pk=account.pk).update(**changed)
    assert sessions._timer is not None
    sessions._timer.function()  # nobody opens a page
    assert [data.get("cause") for _, data in identities()] == [None, "not_allowed"]
    assert not sessions._sessions


def test_a_restart_forgets_the_key(console: Any, bring: Callable[..., Any]) -> None:
    client = console.client("supervisor")
    bring(client)
    memory.close()
    assert "is in memory" not in client.get("/account/").content.decode()


def test_a_key_session_is_of_one_login_in_one_browser(
    console: Any, bring: Callable[..., Any], door: Callable[..., list[Event]]
) -> None:
    (event,) = door(CARD)
    first, second = console.client("supervisor"), console.client("supervisor")
    other = console.client("supervisor", name="another")
    bring(first)
    for client in (second, other):
        assert "is in memory" not in client.get("/account/").content.decode()
        assert client.post(f"/naming/event/{event.id}/", WHY).status_code == 422
    # Not even with the token of the first in the session of somebody else.
    session = other.session
    session[memory.SESSION_FIELD] = first.session[memory.SESSION_FIELD]
    session.save()
    assert other.post(f"/naming/event/{event.id}/", WHY).status_code == 422


def test_another_key_replaces_the_first(
    console: Any, bring: Callable[..., Any], identities: Callable[[], list[Any]]
) -> None:
    client = console.client("supervisor")
    bring(client)
    bring(client)
    assert [type for type, _ in identities()] == ["key_brought", "key_brought", "key_forgotten"]
    assert len(memory._kept[0].sessions._sessions) == 1


@pytest.mark.parametrize(
    ("passphrase", "content", "recorded"),
    [("something else", None, 1), (PASSPHRASE, b"no key", 1), ("", None, 0), (PASSPHRASE, b"x" * 20_000, 0)],
)
def test_what_does_not_open_is_no_key_and_a_wrong_one_is_recorded(
    console: Any,
    bring: Callable[..., Any],
    identities: Callable[[], list[Any]],
    passphrase: str,
    content: bytes | None,
    recorded: int,
) -> None:
    client = console.client("supervisor")
    answer = bring(client, passphrase, content)
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert [(type, data["cause"]) for type, data in identities()] == [("refused", "key")] * recorded
    assert "is in memory" not in client.get("/account/").content.decode()


def test_neither_the_key_nor_its_passphrase_is_on_the_disk_or_in_a_log(
    console: Any,
    bring: Callable[..., Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_file(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", no_file)
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", no_file)
    caplog.set_level(logging.DEBUG)
    client = console.client("supervisor")
    pem = identity.key_file(console.key, Secret(PASSPHRASE))
    bring(client, content=pem)
    bring(client, "not the passphrase of it", content=pem)
    secrets = [
        PASSPHRASE.encode(),
        pem.splitlines()[1],
        b"not the passphrase",
        console.key.private_bytes_raw(),
    ]
    database = Path(django_settings.DATABASES["default"]["NAME"])
    for file in [*tmp_path.rglob("*"), *database.parent.glob("*")]:
        if not file.is_file():
            continue
        assert not any(secret in file.read_bytes() for secret in secrets), file
    assert not any(secret.decode("latin-1") in caplog.text for secret in secrets)
    (session,) = memory._kept[0].sessions._sessions.values()
    assert session.token not in repr(session)
    assert "PrivateKey" not in repr(session)


def test_after_the_key_one_goes_on_to_a_page_of_naming_alone(console: Any, bring: Callable[..., Any]) -> None:
    client = console.client("supervisor")
    assert bring(client, then="/naming/search/").headers["Location"] == "/naming/search/"
    for then in ("https://evil.example/naming/", "//evil.example/naming/", "/account/", "javascript:x"):
        assert bring(client, then=then).headers["Location"] == "/naming/"


def test_another_role_brings_no_key(console: Any, bring: Callable[..., Any]) -> None:
    assert bring(console.client("desk")).status_code == 403
    assert [event.type for event in console.events()][-1] == "console.refused"
