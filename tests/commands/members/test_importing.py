from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.card import CardNumber
from controller.core.event import EventType
from controller.core.pin import Pin
from controller.secrets import credentials, site_key
from controller.secrets.pin import PinHasher
from controller.settings.load import load
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader
from controller.store.members import Members
from controller.store.pins import StoredPins

Unlocked = Callable[..., Result]
EXAMPLE = Path(__file__).parents[3] / "config" / "members.example.csv"


@pytest.fixture(autouse=True)
def keys(unlocked: Unlocked) -> None:
    assert unlocked("init", "--throw-away").exit_code == 0


def known(settings: Settings, card: str) -> bool:
    key = credentials.read("site-key", Paths.of(settings).secrets)
    members = Members(Paths.of(settings).members)
    try:
        return members.find(site_key.member_ref(key, CardNumber(card))).membership is not None
    finally:
        members.close()


def test_the_example_is_imported_and_found(unlocked: Unlocked, settings: Settings) -> None:
    result = unlocked("members", "import", EXAMPLE)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith("5 memberships imported, as of ")
    assert known(settings, "00000000000004")
    assert not known(settings, "00000000000009")


def test_the_import_is_journalled_without_saying_who(unlocked: Unlocked, settings: Settings) -> None:
    unlocked("members", "import", EXAMPLE)
    reader = JournalReader(Paths.of(settings).journal("console"))
    (event,) = reader.read(0)
    reader.close()
    assert event.type is EventType.MEMBERSHIP_IMPORTED
    as_of_us, key_id = event.data["as_of_us"], event.data["key_id"]
    assert event.data == {
        "members": 5,
        "kind": "full",
        "put": 5,
        "removed": 0,
        "pins": 0,
        "as_of_us": as_of_us,
        "dropped_columns": 0,
        "dropped_values": 0,
        "key_id": key_id,
    }


def test_a_bad_row_refuses_the_file_and_the_old_set_stays(
    unlocked: Unlocked, settings: Settings, tmp_path: Path
) -> None:
    unlocked("members", "import", EXAMPLE)
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "card_number,status,induction,granted_from,expires\n"
        "00000000000009,active,2026-01-12,2026-01-12,2099-12-31\n1,active,,,x\n"
    )
    result = unlocked("members", "import", bad)
    assert result.exit_code == 1
    assert f"{bad}: line 3: card_number" in result.stderr
    assert known(settings, "00000000000004")
    assert not known(settings, "00000000000009")


def test_a_card_on_two_lines_names_both(unlocked: Unlocked, tmp_path: Path) -> None:
    twice = tmp_path / "twice.csv"
    twice.write_text(EXAMPLE.read_text() + "00000000000001,active,,,,2099-12-31,adult,,\n")
    result = unlocked("members", "import", twice)
    assert result.exit_code == 1
    assert "lines 3 and 7" in result.stderr


def test_dropped_columns_are_counted(unlocked: Unlocked, tmp_path: Path) -> None:
    file = tmp_path / "with-names.csv"
    file.write_text(
        "\ufeffcard_number,surname,status,induction,granted_from,expires,postcode\n"
        "00000000000001,Nobody,active,2026-01-12,2026-01-12,2099-12-31,AA1 1AA\n"
    )
    result = unlocked("members", "import", file)
    assert "2 columns dropped, with 2 values: surname, postcode" in result.stdout
    assert "Nobody" not in result.stdout
    assert all(b"Nobody" not in found.read_bytes() for found in (tmp_path / "state").rglob("*.db*"))


def test_a_set_is_as_old_as_its_file(unlocked: Unlocked, tmp_path: Path) -> None:
    assert "no memberships yet" in unlocked("members", "status").stdout
    file = tmp_path / "old.csv"
    file.write_text(EXAMPLE.read_text())
    os.utime(file, (1_700_000_000, 1_700_000_000))
    assert "as of 2023-11-14 22:13" in unlocked("members", "import", file).stdout
    assert "STALE" in unlocked("members", "status").stdout
    file.touch()
    unlocked("members", "import", file)
    assert "believed for 168 h: yes" in unlocked("members", "status").stdout
    refused = unlocked("members", "import", file, "--as-of", "2024-10-01")
    assert "are newer; if that is right, `unlocked members import FILE --older`; nothing" in refused.stderr
    allowed = unlocked("members", "import", file, "--as-of", "2024-10-01", "--older")
    assert "2024-10-01 01:00" in allowed.stdout


def test_a_file_from_the_future_is_from_now(unlocked: Unlocked, tmp_path: Path) -> None:
    unlocked("members", "import", EXAMPLE, "--as-of", "2199-01-01")
    assert "as of 21" not in unlocked("members", "status").stdout


def test_without_the_site_key_nothing_is_imported(unlocked: Unlocked, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "site-key").unlink()
    result = unlocked("members", "import", EXAMPLE)
    assert result.exit_code == 1
    assert "unlocked init" in result.stderr


PINS = """\
card_number,status,induction,granted_from,expires,pin
00000000000001,active,2026-01-10,2026-01-10,2099-12-31,7391
00000000000002,active,2026-01-10,2026-01-10,2099-12-31,
00000000000003,active,2026-01-10,2026-01-10,2099-12-31,0815
"""


@pytest.fixture
def pins_file(tmp_path: Path) -> Path:
    file = tmp_path / "pins.csv"
    file.write_text(PINS)
    return file


def test_pins_are_hashed_where_the_branch_verifies_them_itself(
    unlocked: Unlocked, config: Path, pins_file: Path
) -> None:
    config.write_text(config.read_text().replace("#offline = false", "offline = true"))
    result = unlocked("members", "import", pins_file)
    assert result.exit_code == 0
    assert "2 of them with a PIN" in result.stdout
    assert "2 PINs imported; 0 h old; believed for 168 h: yes" in unlocked("members", "status").stdout
    settings = load(config)
    paths = Paths.of(settings)
    stored = StoredPins(paths.members)
    hasher = PinHasher(credentials.read("pin-key", paths.secrets))
    key = credentials.read("site-key", paths.secrets)
    for card, pin in (("00000000000001", "7391"), ("00000000000003", "0815")):
        found = stored.find(site_key.member_ref(key, CardNumber(card)))
        assert found is not None
        assert found.key_id == hasher.key_id
        assert hasher.matches(Pin(pin), found.verifier)
    without = stored.find(site_key.member_ref(key, CardNumber("00000000000002")))
    assert without is not None
    assert without.verifier is None
    stored.close()
    for file in paths.state.rglob("*"):
        assert not file.is_file() or b"7391" not in file.read_bytes(), file


def test_elsewhere_the_column_is_dropped_by_name(
    unlocked: Unlocked, settings: Settings, pins_file: Path
) -> None:
    result = unlocked("members", "import", pins_file)
    assert result.exit_code == 0
    assert "1 columns dropped, with 2 values: pin" in result.stdout
    stored = StoredPins(Paths.of(settings).members)
    assert stored.find(b"0" * 32) is None
    stored.close()


def test_a_bad_pin_refuses_the_file_before_any_is_hashed(
    unlocked: Unlocked, config: Path, pins_file: Path
) -> None:
    config.write_text(config.read_text().replace("#offline = false", "offline = true"))
    pins_file.write_text(PINS + "00000000000004,active,2026-01-10,2026-01-10,2099-12-31,815\n")
    result = unlocked("members", "import", pins_file)
    assert result.exit_code == 1
    assert "line 5: pin: it has 3 digits, not 4 to 8" in result.stderr


def test_members_of_unknown_age_are_counted_where_there_is_a_minimum(
    unlocked: Unlocked, config: Path, tmp_path: Path
) -> None:
    file = tmp_path / "members.csv"
    file.write_text(
        "card_number,status,induction,granted_from,expires,adult_on\n"
        "00000000000001,active,2026-01-12,2026-01-12,2099-12-31,\n"
        "00000000000002,active,2026-01-12,2026-01-12,2099-12-31,2000-01-01\n"
    )
    assert "adult_on" not in unlocked("members", "import", file).output
    config.write_text(config.read_text().replace("#minimum_age = false", "minimum_age = true"))
    assert "1 of them have no adult_on" in unlocked("members", "import", file).stderr
