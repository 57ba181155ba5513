"""The tables [lms], [feed] and [membership]: what they refuse, and what they hint at."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from controller.settings.hints import hints
from controller.settings.load import SettingsError, load
from controller.settings.model import Settings

MINIMAL = """
[branch]
authority = "example"
branch = "desk"
name = "The desk"
[[doors]]
[[doors.readers]]
port = "/dev/serial/by-id/usb-reader"
[doors.lock]
pin = 17
"""
SIP2 = '[lms.sip2]\ndialect = "koha"\nhost = "lms.example"\n'
ALMA = "[access]\nminimum_age = true\n" + SIP2.replace("koha", "alma")
KOHA = '[lms.koha]\nurl = "https://library.example"\nclient_id = "door"\n'
SFTP = '[feed.sftp]\nhost = "files.example"\nusername = "door"\nhost_key = "ssh-ed25519 AAAA"\n'


def loaded(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "branch.toml"
    file.write_text(MINIMAL + text)
    return load(file)


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("[lms]\n", "lms", "add either [lms.sip2] or [lms.koha]"),
        (SIP2 + KOHA, "lms", "add either [lms.sip2] or [lms.koha]"),
        (SIP2.replace("koha", "horizon"), "lms.sip2.dialect", "it must be"),
        (SIP2 + 'institution = "A|B"\n', "lms.sip2.institution", ""),
        (SIP2 + "refusing_flags = [14]\n", "lms.sip2.refusing_flags[1]", "at most 13"),
        (SIP2 + '[lms.sip2.fields]\nexpiry = "expires"\n', "lms.sip2.fields.expiry", ""),
        (SIP2 + '[lms.entitlement]\nby = "category"\n', "lms.entitlement", "set both"),
        (SIP2 + '[lms.entitlement]\ncategories = ["adult"]\n', "lms.entitlement", "set both"),
        (SIP2 + '[lms.entitlement]\nby = "field"\n', "lms.entitlement", "set both"),
        (SIP2 + '[lms.entitlement]\nby = "field"\nfield = "OPENPLUS"\n', "lms", "entitlement.field"),
        (KOHA.replace("https", "http"), "lms.koha", "https://library.example"),
        (KOHA.replace("https://", "https://user:password@"), "lms.koha", "without a user"),
        ("[feed]\n", "feed", "set folder, or add [feed.sftp]"),
        ('[feed]\nfolder = "/srv/feed"\n' + SFTP, "feed", "set folder, or add [feed.sftp]"),
        (SFTP.replace("files.example", "-oProxyCommand"), "feed.sftp.host", ""),
        (SFTP.replace('"door"', '"-oProxyCommand"'), "feed.sftp.username", ""),
        (SFTP.replace("ssh-ed25519 AAAA", "none"), "feed.sftp.host_key", ""),
        ('[feed]\nfolder = "/srv/feed"\npublic_key = "RWQ"\n', "feed.public_key", ""),
        (SIP2 + "[membership]\nmembership_max_age_h = 12\n", "(whole file)", "no longer than the next"),
        (SIP2 + "[membership]\nrefresh_after_h = 48\n", "(whole file)", "no longer than the next"),
    ],
)
def test_a_mistake_names_its_key_and_remedy(tmp_path: Path, text: str, key: str, remedy: str) -> None:
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, text)
    [line] = str(raised.value).splitlines()
    assert f"branch.toml: {key}: " in line
    assert remedy in line


def test_without_a_system_to_ask_its_ages_do_not_matter(tmp_path: Path) -> None:
    assert loaded(tmp_path, "[membership]\nmembership_max_age_h = 12\n").membership.max_age_us


def test_koha_on_this_machine_may_go_without_tls(tmp_path: Path) -> None:
    assert loaded(tmp_path, KOHA.replace("https://library.example", "http://127.0.0.1:8080")).lms


@pytest.mark.parametrize(
    ("host", "more", "tls"),
    [
        ("lms.example", "", True),
        ("localhost", "", False),
        ("127.0.0.1", "tls = true\n", True),
        ("lms.example", "tls = false\n", False),
    ],
)
def test_tls_is_on_unless_switched_off_or_not_needed(tmp_path: Path, host: str, more: str, tls: bool) -> None:
    lms = loaded(tmp_path, SIP2.replace("lms.example", host) + more).lms
    assert lms is not None
    assert lms.sip2 is not None
    assert lms.sip2.uses_tls is tls


@pytest.mark.parametrize(
    ("text", "hinted"),
    [
        (SIP2, []),
        (SIP2 + "tls = false\n", ["lms.sip2.tls"]),
        (SIP2.replace("lms.example", "127.0.0.1"), []),
        (KOHA, []),
        (SFTP, ["feed.public_key"]),
        ('[feed]\nfolder = "/srv/feed"\n', ["feed.public_key"]),
        ('[feed]\nfolder = "/srv/feed"\npublic_key = "RWQ' + 53 * "A" + '"\n', []),
        (SIP2 + "refusing_flags = [0, 4]\n", []),
        (SIP2 + "refusing_flags = [0]\n", ["lms.sip2.refusing_flags"]),
        (ALMA, ["access.minimum_age"]),
        (ALMA + '[lms.sip2.fields]\nbirth_date = "PB"\n', []),
    ],
)
def test_what_will_be_regretted_is_hinted_at(tmp_path: Path, text: str, hinted: list[str]) -> None:
    found = hints(loaded(tmp_path, text), date(2026, 11, 22))
    assert [hint.split(": ")[0] for hint in found] == hinted
