"""Files that were spoiled or written by somebody else, and what is typed on a command line."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from controller.commands.when import wall_us
from controller.core.event import event_id, event_wall_us
from controller.core.retention.due import Undated
from controller.core.retention.rules import Moments
from controller.footage.segment_name import SegmentName
from controller.recorder.segments.boxes import whole_bytes
from controller.secrets.credentials import Secret, SecretMissing
from controller.secrets.identity import (
    PrivateKeyUnusable,
    from_recovery_sheet,
    parse_public_key,
    public_key_text,
    recovery_sheet,
)
from controller.settings.load import SettingsError, load
from controller.settings.policy.answer import answer
from controller.settings.policy.load import PolicyUnusable, load_profile
from simulator.demo import SCENARIOS
from simulator.scenario import ScenarioError, parse
from simulator.settings import BrokerAddress, Layout, branch_toml

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

NOW_US = 1_795_219_200_000_000
STRANGE_DIGIT = "\u0663".encode()
"""A digit of another script, which ``int`` takes for a 3."""

# --- settings ---------------------------------------------------------------------------------------

MINIMAL = b"""
[branch]
authority = "a"
branch = "b"
name = "B"
timezone = "Europe/London"
[[doors]]
[[doors.readers]]
port = "/dev/x"
[doors.lock]
pin = 17
"""
TABLES = [
    b'[hours.unstaffed]\nmon = ["08:00-12:00", "13:00-24:00"]\n[lockout]\ncard_s = 10\n',
    b'[hours.dates]\n"2026-12-24 to 2027-01-01" = {}\n[hours.bank_holidays]\nnation = "scotland"\n',
    b'[[cameras]]\nid = "a"\nurl = "rtsp://h/x"\n[footage]\nretention_days = 29\n[mqtt]\nhost = "::1"\n',
    b'[pin]\nmax_length = 6\n[texts]\ngranted = ["Come in"]\n[inputs.help]\npin = 7\n',
    b'[[outputs]]\nid = "lights"\npin = 5\non_in = ["staffed"]\n[occupancy]\nempty_at = "03:00"\n',
    b'[lms.sip2]\ndialect = "evergreen"\nhost = "lms.example"\nport = 6001\nusername = "unlocked"\n',
    b'[lms.koha]\nurl = "https://library.example"\nclient_id = "5c0f"\n[feed]\nfolder = "/srv/feed"\n',
    b'[feed.sftp]\nhost = "h"\nusername = "u"\nfolder = "out"\nhost_key = "ssh-ed25519 AAAA"\n',
    b'[mqtt]\nhost = "h"\nusername = "u"\ncertificate = "/etc/unlocked/mqtt.crt"\nca = "/etc/ca.pem"\n',
    b'[console]\npages = true\nhosts = ["unlocked.example.org"]\nremote_unlock = true\n[console.sso]\n',
    b'[console.sso.openid]\nissuer = "https://login.example.org"\nclient_id = "console"\n',
    b'[[staff]]\naccount = "head"\nroles = ["dpo"]\ntrained_until = 2027-11-01\n[policy]\ndraft = true\n',
    b'[passages]\n[occupancy]\ncapacity = 40\n[announcements]\nminutes = [15, 5]\nsound = "/srv/a.wav"\n',
    b'[categories.cleaner.hours]\nmon = ["06:00-08:00"]\n[doors.exit_button]\npin = 6\n',
]
WHOLE = branch_toml(
    Layout(Path("/srv/branch"), Path("/run/branch")),
    broker=BrokerAddress(1883, "5", receiver=True),
    camera_url="rtsp://h/x",
    pulse_s=2,
    held_open_s=30,
    segment_s=5,
    retention_days=14,
)
MARKS = [
    b"[[",
    b"]]",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"'",
    b'"""',
    b"\n",
    b"=",
    b".",
    b",",
    b"inf",
    b"nan",
    b"true",
]
MORE_MARKS = [
    b"1979-05-27T07:32:00Z",
    b"\0",
    b"\xff",
    b'"Europe"',
    b'"../x"',
    b"\\u0000",
    b"[" * 2000,
    b"a." * 500,
    b"= 0x" + b"9" * 5000,
]


def test_settings_are_refused_with_a_line_a_fault(tmp_path: Path, hostile: Hostile) -> None:
    file = tmp_path / "branch.toml"

    def parse_settings(document: bytes) -> None:
        file.write_bytes(document)
        try:
            load(file)
        except SettingsError as error:
            for line in str(error).splitlines():
                assert line.startswith(f"{file}: ")
                assert 5 < len(line.removeprefix(f"{file}: ")) < 500
            raise

    seeds = [MINIMAL, *(MINIMAL + table for table in TABLES), WHOLE.encode()]
    hostile.try_documents(parse_settings, SettingsError, seeds, MARKS + MORE_MARKS)


KEPT = ("access_events", "device_events", "staff_actions", "memberships", "registers")
RIGHTS = ("access", "rectification", "completion", "erasure", "restriction", "portability", "objection")
RULES = [
    'kind = "duration", years = 1, months = 2, days = 3',
    'kind = "current_year_plus", years = 5, then = "review", review_while = "so"',
    'kind = "while_then", lasts = "so long", after = { kind = "duration", days = 1 }',
    'kind = "permanent"',
]
PROFILE = "\n".join(
    [
        'id = "a"\ntitle = "A"\nauthority = "A"\nstatus = "live"\nnation = "SCT"\nyear_basis = "school"',
        'review_on = 2027-03-04\n[notice]\ntitle = "N"\ncontroller = "A"\nsource = "S"\ndated = 2026-01-01',
        '[[assumptions]]\nid = "g"\ntext = "G"\naccepted_by = "P"\naccepted_on = 2026-11-21',
        *(
            f'[[categories]]\nid = "{category}"\nwhat = "W"\nheld = "{held}"\ntrigger = "T"\n'
            f'rule = {{ {rule} }}\nassumptions = ["g"]'
            for category, held, rule in (
                ("footage", "controller", 'kind = "window", min_days = 10, max_days = 14'),
                *((kept, "controller", 'kind = "duration", days = 90') for kept in KEPT),
                *((f"other_{number}", "elsewhere", rule) for number, rule in enumerate(RULES)),
            )
        ),
        *(f'[[rights]]\nright = "{right}"\nanswer = "unstated"' for right in RIGHTS),
    ]
)


def test_policy_profiles_are_refused_with_a_line_a_fault(tmp_path: Path, hostile: Hostile) -> None:
    file = tmp_path / "policy.toml"

    file.write_text(PROFILE)
    assert load_profile(file).live
    for document in hostile.documents([PROFILE.encode()], MARKS + MORE_MARKS):  # one in thirty is accepted
        file.write_bytes(document)
        try:
            profile = load_profile(file)
        except PolicyUnusable as error:
            for line in str(error).splitlines():
                assert line.startswith(f"{file}: ")
                assert 5 < len(line.removeprefix(f"{file}: ")) < 500
            continue
        days = profile.cctv.min_days if profile.cctv else 14
        for category in profile.categories:
            told = answer(profile, category.id, Moments(NOW_US, NOW_US), ZoneInfo("Europe/London"), days)
            assert isinstance(told.due, Undated) or told.due.due_us >= NOW_US


# --- footage ----------------------------------------------------------------------------------------

SEGMENTS = [
    SegmentName("entrance", NOW_US, 123_456, "5b1c7f0e-0000-4000-8000-000000000000", True).relative.encode(),
    SegmentName("a-2", 1, 0, "boot", False).relative.encode(),
]


def test_a_segment_s_name_is_that_of_its_file(hostile: Hostile) -> None:
    pieces = [b"/", b"_", b"..", b"Z", b"0", STRANGE_DIGIT]
    for document in hostile.documents(SEGMENTS, pieces):
        path = document.decode("utf-8", errors="surrogateescape")
        name = SegmentName.parse(path)
        assert name is None or name.relative == path


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


FRAGMENT = box(b"moof", b"m" * 20) + box(b"mdat", b"d" * 50)
VIDEO = [
    box(b"ftyp", b"isom") + box(b"moov", b"v" * 40) + FRAGMENT * 3,
    FRAGMENT + struct.pack(">I4sQ", 1, b"moof", 20) + b"xxxx" + box(b"mdat", b""),
]


def test_a_part_is_cut_within_it_and_after_a_fragment(tmp_path: Path, hostile: Hostile) -> None:
    file = tmp_path / "segment.part"
    pieces = [b"moof", b"mdat", b"\0\0\0\x01", b"\0\0\0\x08", b"\0\0\0\0", b"\xff" * 8]
    for document in hostile.documents(VIDEO, pieces):
        file.write_bytes(document)
        whole = whole_bytes(file)
        assert whole <= len(document)
        assert whole == 0 or re.search(b"moof.*mdat", document[:whole], re.DOTALL)


# --- keys, and what people type ---------------------------------------------------------------------

KEY = X25519PrivateKey.generate()


def test_a_recovery_sheet_gives_the_key_that_would_print_it(hostile: Hostile) -> None:
    def holds(key: X25519PrivateKey, _: bytes) -> None:
        again = from_recovery_sheet(recovery_sheet(key, "org"))
        assert again.private_bytes_raw() == key.private_bytes_raw()

    hostile.try_documents(
        lambda document: from_recovery_sheet(document.decode("utf-8", errors="replace")),
        PrivateKeyUnusable,
        [recovery_sheet(KEY, "org").encode()],
        [b"\n1", b"\n", b" ", STRANGE_DIGIT],
        holds,
    )


def test_a_public_key_is_one_or_is_missing(hostile: Hostile) -> None:
    hostile.try_documents(
        lambda document: parse_public_key(Secret(document.decode("latin-1"))),
        SecretMissing,
        [public_key_text(KEY.public_key()).encode()],
    )


def test_a_time_is_understood_or_asked_for_again(hostile: Hostile) -> None:
    seeds = [b"2026-11-21 18:00", b"2026-11-21T18:00:00+01:00", b"45m", b"7d", b"2026-W47-6", b"0001-01-01"]
    hostile.try_documents(
        lambda document: wall_us(document.decode("latin-1"), ZoneInfo("Europe/London"), NOW_US),
        click.BadParameter,
        seeds,
        [b"Z", b"+24:00", b"-23:59", b"9999-12-31", b"99999d", STRANGE_DIGIT],
    )


def test_an_event_s_id_tells_a_time_or_none(hostile: Hostile) -> None:
    pieces = [b"-", b"7", STRANGE_DIGIT]
    for document in hostile.documents([event_id(NOW_US, 1 << 73 | 12345).encode()], pieces):
        found = event_wall_us(document.decode("utf-8", errors="replace"))
        assert found is None or 0 <= found < 1 << 59


def test_a_scenario_is_read_or_refused(hostile: Hostile) -> None:
    seeds = [
        b"name: x\nsteps:\n  - {at: 1, swipe: member 1, expect: {access.granted: {}}}\ntotals: {swipes: 1}\n",
        (SCENARIOS / "readers.yaml").read_bytes()[:700],
    ]
    pieces = [
        b"[" * 500,
        b"{",
        b"&a",
        b"*a",
        b"!!python/object:x",
        b"- ",
        b"? ",
        b": ",
        b"2001-99-99",
        b"0o9",
    ]
    pieces += [b"!!int x", b"!!float .", b"!!timestamp 1", b"<<: 1"]
    hostile.try_documents(
        lambda document: parse(document.decode("utf-8", errors="replace")), ScenarioError, seeds, pieces
    )
