"""A branch's library management system: its settings are valid, and it is as it is told to be."""

from __future__ import annotations

import socket
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import pytest

from controller.secrets import credentials
from controller.settings.load import load
from simulator.lms.patrons import PIN
from simulator.lms.recorded import DIALECTS
from simulator.lms.sip2_server import Sip2Server
from simulator.lms.system import (
    ENTITLED,
    WORDS,
    Lms,
    Word,
    be,
    lms_toml,
    patrons_of,
    system_of,
    write_secrets,
)
from simulator.members import cast, newcomers
from simulator.settings import Layout, branch_toml

TODAY = date(2026, 11, 22)


def settings_of(lms: Lms, folder: Path) -> str:
    layout = Layout(folder, folder)
    text = branch_toml(
        layout, broker=None, camera_url=None, pulse_s=2, held_open_s=30, segment_s=5, retention_days=14
    )
    with system_of(lms, [], TODAY, layout.lms) as system:
        layout.secrets.mkdir()
        write_secrets(system, layout.secrets)
        return text + lms_toml(lms, system, layout.lms)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_sip2_in_settings_and_secrets(dialect: str, tmp_path: Path) -> None:
    (tmp_path / "branch.toml").write_text(
        settings_of(Lms(dialect=dialect, settings="timeout_s = 2"), tmp_path)
    )
    settings = load(tmp_path / "branch.toml")
    assert settings.lms is not None
    assert settings.lms.sip2 is not None
    assert (settings.lms.sip2.dialect, settings.lms.timeout_s) == (dialect, 2)
    for name in set(credentials.needed(settings)["membership"]) - {credentials.SITE_KEY}:
        assert credentials.read(name, tmp_path / "secrets")
        assert (tmp_path / "secrets" / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("over", ["sip2", "koha"])
def test_tls_in_settings(over: Literal["sip2", "koha"], tmp_path: Path) -> None:
    (tmp_path / "branch.toml").write_text(settings_of(Lms(over, tls=True), tmp_path))
    lms = load(tmp_path / "branch.toml").lms
    assert lms is not None
    asked = lms.koha or lms.sip2
    assert asked is not None
    assert asked.ca_file is not None
    assert asked.ca_file.exists()
    assert lms.sip2 is None or lms.sip2.uses_tls
    assert lms.koha is None or lms.koha.url.startswith("https://")


def test_who_is_entitled_is_marked_and_who_joined_today_is_known() -> None:
    members = {**cast(TODAY), **newcomers(TODAY)}
    patrons = dict(zip(members, patrons_of(members.values(), TODAY), strict=True))
    no = {label for label, patron in patrons.items() if patron.extra[ENTITLED] == "N"}
    assert no == {"not enrolled", "not inducted", "grant not begun", "grant ended"}
    assert {label for label, patron in patrons.items() if patron.blocked} == {"suspended"}
    assert patrons["expired"].expires < TODAY
    assert patrons["under age"].born.year == 2011
    assert {patron.pin for patron in patrons.values()} == {PIN}


def test_every_word_is_understood() -> None:
    assert get_args(Word) == WORDS
    with system_of(Lms(), [], TODAY, Path()) as system:
        assert isinstance(system, Sip2Server)
        for word in WORDS:
            be(system, word)
            assert word == "flapping" or system.running is (word != "down")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((system.host, system.port))
        be(system, "up")
        socket.create_connection((system.host, system.port)).close()
        assert system.faults.delay_s == 0
