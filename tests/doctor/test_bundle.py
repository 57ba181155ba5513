"""The support bundle holds nothing of anybody, whatever is fed to the branch."""

from __future__ import annotations

import platform
import stat
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from controller.core.event import EventType, NewEvent, Stamp
from controller.doctor.bundle import hiding
from controller.doctor.bundle.contents import contents
from controller.doctor.bundle.guard import LEFT_OUT, guarded
from controller.doctor.bundle.settings_shown import shown
from controller.doctor.bundle.writing import write
from controller.doctor.checks import settings as settings_check
from controller.doctor.examination import examine
from controller.doctor.finding import fault
from controller.doctor.machine import Answer
from controller.membership.lms.source import LmsUnavailable, Trouble
from controller.secrets import credentials, identity
from controller.settings.paths import JOURNALS
from controller.store.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rig

CARD = "25891000331441"
NAME = "Agnes Whitcombe"
ACCOUNT = "awhitcombe"
PASSWORD = "hazel-4711-otter"
PHONE = "01632 960017"
HOST = "agnes-laptop.example"
SOME = (EventType.SERVICE_STARTED, EventType.CAMERA_LOST, EventType.UPLINK_REFUSED, EventType.IDENTITY_OPENED)
FED = (CARD, NAME, "Agnes", "Whitcombe", ACCOUNT, PASSWORD, PHONE, HOST)


class Unreachable:
    """A library management system."""

    def check(self) -> None:
        raise LmsUnavailable(Trouble.UNREACHABLE, f"{HOST} told {CARD}")

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controller.doctor.checks.lms.live_source", lambda *_: Unreachable())


def feed(rig: Rig) -> None:
    """Everywhere where somebody may have written something."""
    feed_settings(rig)
    feed_files(rig)


def feed_settings(rig: Rig) -> None:
    rig.edit('name = "Droitwich Library"', f'name = "Library of {NAME}"')
    rig.edit('who = "Out-of-hours desk"', f'who = "{NAME}"')
    rig.edit('phone = "01632 960001"', f'phone = "{PHONE}"')
    rig.edit('account = "head-librarian"', f'account = "{ACCOUNT}"')
    rig.edit("[mqtt]", f'[mqtt]\nusername = "{ACCOUNT}"\nca_file = "/home/{ACCOUNT}/ca.pem"')
    url = rig.context.settings.cameras[0].url
    rig.edit(url, f"rtsp://{HOST}/1?password={PASSWORD}")
    rig.line(
        f'[lms.sip2]\ndialect = "koha"\nhost = "{HOST}"\nport = 1\nusername = "{ACCOUNT}"\n'
        f'institution = "{NAME}"\n[categories."{NAME}"]'
    )


def feed_files(rig: Rig) -> None:
    names = {name for names in credentials.needed(rig.context.settings).values() for name in names}
    rig.paths.secrets.mkdir(exist_ok=True)
    for name in (*names, ACCOUNT):
        (rig.paths.secrets / name).write_text(PASSWORD)
    for service in JOURNALS:
        feed_journal(rig, service)
        (rig.paths.journal(service).parent / f"{NAME} {CARD}.csv").write_text(CARD)
        (rig.paths.journal(service).parent / f"{NAME} {CARD}.csv").chmod(0o666)
    rig.machine.has("run/systemd/system/.here")
    rig.machine.says["systemctl"] = Answer(
        0, f"Id=unlocked-door.service\nActiveState=failed\nDescription={NAME}\nEnvironment=P={PASSWORD}"
    )


def feed_journal(rig: Rig, service: str) -> None:
    stamp = Stamp(rig.now.wall_us, 1, "a-boot", clock_trusted=True)
    sealer = identity.Sealer(X25519PrivateKey.generate().public_key())
    journal = Journal.open(
        rig.paths.journal(service), service=service, stamp=stamp, seal=sealer, synchronous="NORMAL"
    )
    data = {
        "user": ACCOUNT,
        "staff": ACCOUNT,
        "reference": NAME,
        "note": CARD,
        "reason": NAME,
        "cause": CARD,
        "count": int(CARD),
        "device": f"{NAME}'s phone",
        "places": [NAME, "folder"],
    }
    journal.append(
        [
            NewEvent(type, subject, stamp, data, {"card": CARD.encode()} if subject == CARD else {})
            for type in (EventType if service == "door" else SOME)
            for subject in ("front", "controller", NAME, CARD)
        ]
    )
    journal.close()


def bundle(rig: Rig, file: Path) -> dict[str, str]:
    """What is in it, by name."""
    context = rig.context
    write(file, contents(context, list(examine(context))))
    with ZipFile(file) as packed:
        return {
            name.removeprefix("unlocked-support/"): packed.read(name).decode() for name in packed.namelist()
        }


def test_nothing_of_anybody_is_in_it(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNLOCKED_NOTE", PASSWORD)
    feed(rig)
    file = tmp_path / "support.zip"
    found = bundle(rig, file)

    for fed in (*FED, platform.node(), str(tmp_path)):
        for name, text in found.items():
            assert fed.lower() not in text.lower(), (fed, name)
        assert fed.encode() not in file.read_bytes()


def test_it_is_of_use_all_the_same(rig: Rig, tmp_path: Path) -> None:
    feed(rig)
    found = bundle(rig, tmp_path / "support.zip")

    assert "fault units: unlocked-door.service: systemd does not know it" in found["findings.txt"]
    assert "fault lms: (lms.sip2.host):1 does not answer: it cannot be reached" in found["findings.txt"]
    assert "doors[front].lock.pin = 17" in found["settings.txt"]
    assert "cameras[entrance].url = (set)" in found["settings.txt"]
    assert "staff = (1)" in found["settings.txt"]
    assert "unlocked-door.service ActiveState=failed" in found["units.txt"]
    assert "access.granted 4" in found["totals.txt"]
    assert " reader.lost front" in found["events-door.txt"]
    assert "access.granted" not in found["events-door.txt"]
    assert "python 3." in found["versions.txt"]


def test_broken_settings_are_not_quoted(rig: Rig, tmp_path: Path) -> None:
    rig.config.write_text(f'[branch]\nname = "{NAME}"\nbranch = "{NAME}"\ntimezone = "{CARD}"\n')
    found = bundle(rig, tmp_path / "support.zip")

    assert "fault settings: branch.branch (" in found["findings.txt"]
    assert not any(fed in text for text in found.values() for fed in (NAME, CARD))


@pytest.mark.parametrize(
    "mistake", ['agnes = "x"', 'console.agnes = "x"', "[categories.agnes]\nagnes = 1", "[agnes.branch]"]
)
def test_a_key_that_somebody_made_up_is_not_shown(rig: Rig, mistake: str) -> None:
    rig.config.write_text(mistake)
    lines = list(hiding.without(settings_check.look(rig.context), []))

    assert any("branch (what is wrong" in line for line in lines)
    assert not any("agnes" in line for line in lines)


def test_the_host_of_a_camera_that_is_lost_and_what_is_wrong_with_the_profile_are_hidden(rig: Rig) -> None:
    feed_settings(rig)
    found = [
        fault("camera", f"camera entrance: no pictures: {HOST}:554: connection refused", "look"),
        fault(
            "policy",
            f'nothing falls due by age: controller.name "{NAME} of the council" is too long',
            "correct it",
        ),
    ]
    lines = list(hiding.without(found, list(shown(rig.context.settings))))

    assert ":554: connection refused" in lines[0]
    assert HOST not in lines[0]
    assert "Agnes" not in lines[1]


def test_only_whoever_made_it_may_read_it_and_nothing_is_overwritten(rig: Rig, tmp_path: Path) -> None:
    file = tmp_path / "support.zip"
    bundle(rig, file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write(file, ())


@pytest.mark.parametrize(
    "line", [CARD, "2589 1000 331441", "01632-960-017", "a@b.example", "a1B" * 9, "0af1" * 6, "0" * 9]
)
def test_a_line_that_looks_like_somebodys_stays_here(line: str) -> None:
    assert guarded(f"before\nit says {line}\nafter") == f"before\n{LEFT_OUT}\nafter"


def test_times_sizes_and_paths_pass() -> None:
    text = "2026-11-22 20:01:59 disk of 32000 MB, 2026-11-22, kernel 6.1.0-28-arm64"
    text += "\n/var/lib/unlocked/console/console.db-journal is still empty"
    assert guarded(text) == text


def test_every_key_of_the_settings_is_shown_and_no_text_that_was_written(rig: Rig) -> None:
    feed_settings(rig)
    found = list(shown(rig.context.settings))

    assert len({one.key for one in found}) == len(found)
    assert not any(fed in one.value for one in found for fed in FED)
