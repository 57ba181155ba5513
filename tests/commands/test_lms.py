"""``unlocked lms``: what an installer is told of simulated systems, and that nobody is told of a member."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from controller.core.event import EventType, NewEvent, Stamp
from controller.settings.lms import Lms
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from simulator.lms.koha_server import CLIENT_ID, CLIENT_SECRET, KohaServer
from simulator.lms.patrons import PRIVATE, Patron
from simulator.lms.sip2_server import Setup, Sip2Server
from simulator.members import card_number

Unlocked = Callable[..., Result]

TODAY = datetime.now().astimezone().date()
YEAR = timedelta(days=365)
BORN = date(1980, 5, 17)
VALID, EXPIRED, BLOCKED, UNKNOWN = (card_number(serial) for serial in (1, 2, 3, 9))
PIN, PASSWORD = "481507", "pass-word"
CARDS = f"""\
valid = "{VALID}"
pin = "{PIN}"
expired = "{EXPIRED}"
blocked = "{BLOCKED}"
unknown = "{UNKNOWN}"
"""
PATRONS = (
    Patron(VALID, PIN, TODAY + YEAR, BORN),
    Patron(EXPIRED, PIN, TODAY - YEAR, BORN),
    Patron(BLOCKED, PIN, TODAY + YEAR, BORN, blocked=True),
)
QUESTIONS = ["valid", "wrong_pin", "empty_pin", "right_pin", "expired", "blocked", "unknown"]


@pytest.fixture
def sip2(request: pytest.FixtureRequest) -> Iterator[Sip2Server]:
    """Of the dialect that the test names, else Evergreen's."""
    server = Sip2Server(PATRONS, Setup(getattr(request, "param", "evergreen"), "door", PASSWORD))
    server.start()
    yield server
    server.close()


@pytest.fixture
def koha() -> Iterator[KohaServer]:
    server = KohaServer(PATRONS)
    server.start()
    yield server
    server.close()


@pytest.fixture
def ready(config: Path, unlocked: Unlocked, tmp_path: Path) -> Callable[..., None]:
    """A branch with these tables of ``[lms]`` added, and a file of test cards."""

    def make(tables: str, *, changes: dict[str, str] | None = None) -> None:
        text = config.read_text().replace("[pin]\n", f"{tables}\n[pin]\n", 1)
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new, 1)
        config.write_text(text)
        assert unlocked("init", "--throw-away").exit_code == 0
        secrets = Paths.of(load(config)).secrets
        (secrets / "lms-password").write_text(PASSWORD)
        (secrets / "lms-client-secret").write_text(CLIENT_SECRET)
        cards = tmp_path / "cards.toml"
        cards.touch(mode=0o600)
        cards.write_text(CARDS)

    return make


def tables(server: Sip2Server, dialect: str = "evergreen", **more: object) -> str:
    keys = {"dialect": dialect, "host": server.host, "port": server.port, "username": "door"} | more
    return "[lms.sip2]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())


def rest(server: KohaServer) -> str:
    return f'[lms.koha]\nurl = "{server.url}"\nclient_id = "{CLIENT_ID}"\n'


@pytest.fixture
def probed(unlocked: Unlocked, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    def probe(*arguments: str, exit_code: int | None = None) -> dict[str, Any]:
        result = unlocked("lms", "probe", "--cards", tmp_path / "cards.toml", "--json", *arguments)
        assert exit_code in (None, result.exit_code), result.output
        secret_to_all(result.output)
        told: dict[str, Any] = json.loads(result.stdout)
        assert bool(told.get("dangers", True)) == (result.exit_code == 1)
        return told

    return probe


def secret_to_all(output: str) -> None:
    for word in (VALID, EXPIRED, BLOCKED, UNKNOWN, PIN, "592618", PASSWORD, CLIENT_SECRET, PRIVATE, "1980"):
        assert word not in output


def codes(told: dict[str, Any]) -> list[str]:
    return [danger["code"] for danger in told["dangers"]]


def refused(told: dict[str, Any]) -> dict[str, str | None]:
    return {question["asked"]: question["refused"] for question in told["questions"]}


DIALECTS: dict[str, list[str]] = {
    "koha": ["empty_pin_accepted"],
    "evergreen": [],
    "sierra": [],
    "symphony": [],
    "polaris": ["empty_pin_accepted"],
    "spydus": ["empty_pin_accepted"],
    "alma": [],
    "tlc": [],
}


@pytest.mark.parametrize(
    ("sip2", "dialect", "expected"),
    [(dialect, dialect, expected) for dialect, expected in DIALECTS.items()],
    indirect=["sip2"],
)
def test_every_dialect_is_tried_and_its_dangers_are_found(
    sip2: Sip2Server,
    ready: Callable[..., None],
    probed: Callable[..., dict[str, Any]],
    dialect: str,
    expected: list[str],
) -> None:
    ready(tables(sip2, dialect))
    told = probed()
    assert [question["asked"] for question in told["questions"]] == QUESTIONS
    assert told["not_tried"] == []
    assert codes(told) == expected
    door = refused(told)
    if "no_expiry" not in expected:
        assert (door["valid"], door["right_pin"], door["expired"]) == (None, None, "expired")
        assert door["blocked"] == "suspended"
    assert (door["wrong_pin"], door["empty_pin"], door["unknown"]) == (
        "pin_wrong",
        "pin_missing",
        "unknown_card",
    )


def test_koha_s_rest_api_is_tried_as_well(
    koha: KohaServer, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    ready(rest(koha))
    told = probed(exit_code=0)
    assert refused(told) == {
        "valid": None,
        "wrong_pin": "pin_wrong",
        "empty_pin": "pin_missing",
        "right_pin": None,
        "expired": "expired",
        "blocked": "suspended",
        "unknown": "unknown_card",
    }
    valid = told["questions"][0]["fields"]
    assert valid["expiry_date"] == (TODAY + YEAR).isoformat()
    shown = {name for name, value in valid.items() if value not in (None, "empty")}
    assert shown == {"expiry_date", "expired", "anonymized", "restricted"}


def test_the_page_shows_fields_and_no_person(
    sip2: Sip2Server, ready: Callable[..., None], unlocked: Unlocked, tmp_path: Path
) -> None:
    ready(tables(sip2))
    result = unlocked("lms", "probe", "--cards", tmp_path / "cards.toml")
    assert result.exit_code == 0
    secret_to_all(result.output)
    for words in (
        'over SIP2, dialect "evergreen": it is online and speaks version 2.00.',
        "  it returns   AO",
        "  not shown    AA, AE",
        f"(read as {TODAY + YEAR})",
        f'  that means   active, until the end of {TODAY + YEAR}, category "adult", of age',
        "  the door     lets it in",
        "  the PIN      is wrong, says the system",
        "  the door     never asks so",
        "  the door     refuses: unknown_card",
        "No danger was found.",
        'Not known for certain of "evergreen":',
        "Settings to use:\n\n[lms.sip2]\n",
    ):
        assert words in result.stdout


@pytest.mark.parametrize("sip2", ["polaris"], indirect=True)
def test_a_dialect_that_fits_better_is_named_and_its_settings_work(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]], config: Path
) -> None:
    ready(tables(sip2, "koha"))
    told = probed()
    assert codes(told) == ["empty_pin_accepted", "bad_expiry", "other_dialect"]
    assert "a day to come in PX" in told["dangers"][1]["text"]
    assert told["dangers"][2]["text"].endswith('than "koha": "polaris".')
    to_use = tomllib.loads(told["settings"])
    assert Lms.model_validate(to_use["lms"]).sip2
    assert 'dialect = "polaris"  # changed' in told["settings"]
    config.write_text(config.read_text().replace(tables(sip2, "koha"), told["settings"]))
    assert codes(probed()) == ["empty_pin_accepted"]


def test_an_expiry_in_another_field_is_found_and_its_settings_work(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]], config: Path
) -> None:
    sip2.setup = Setup("evergreen", "door", PASSWORD, renamed={"PA": "ZE"})
    ready(tables(sip2))
    told = probed()
    assert codes(told) == ["no_expiry"]
    assert "a day to come in ZE" in told["dangers"][0]["text"]
    assert '[lms.sip2.fields]\nexpiry = "ZE"  # changed' in told["settings"]
    config.write_text(config.read_text().replace(tables(sip2), told["settings"]))
    assert codes(probed(exit_code=0)) == []


def test_a_record_of_koha_s_that_says_too_little_is_a_danger(
    koha: KohaServer, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    ready(rest(koha))
    koha.behave(without=frozenset({"expiry_date"}))
    assert codes(probed()) == ["no_expiry"]
    koha.behave(other_card=EXPIRED)
    told = probed()
    assert codes(told) == ["other_card"]
    assert refused(told)["unknown"] == "not_checked"


def test_an_entitlement_that_nobody_has_is_a_danger(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    by = '[lms.entitlement]\nby = "category"\ncategories = ["Unstaffed"]\n'
    ready(tables(sip2) + by)
    told = probed()
    assert codes(told) == ["valid_refused"]
    assert "not_enrolled. It is not entitled to unstaffed hours" in told["dangers"][0]["text"]
    assert by.rstrip() in told["settings"]


def test_cards_that_are_not_what_they_should_be_are_dangers(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    ready(tables(sip2))
    sip2.patrons.add(
        Patron(VALID, PIN, TODAY + YEAR, BORN, blocked=True),
        Patron(EXPIRED, PIN, TODAY + YEAR, BORN),
        Patron(BLOCKED, PIN, TODAY + YEAR, BORN),
        Patron(UNKNOWN, PIN, TODAY + YEAR, BORN),
    )
    assert codes(probed()) == ["unknown_valid", "expired_admitted", "blocked_admitted", "flags_on_valid"]


def test_a_system_that_takes_any_pin_is_a_danger(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    ready(tables(sip2))
    sip2.patrons.add(Patron(VALID, "592618", TODAY + YEAR, BORN))
    assert codes(probed()) == ["wrong_pin_accepted", "right_pin_refused"]


def test_another_card_s_answer_is_a_danger(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    ready(tables(sip2))
    sip2.behave(other_card=card_number(7))
    told = probed()
    assert "other_card" in codes(told)
    assert set(refused(told).values()) == {"not_checked", "pin_missing"}


def test_wrong_checksums_are_found_and_can_be_done_without(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    ready(tables(sip2))
    sip2.behave(wrong_checksum=True, on=frozenset({"63", "97"}))
    told = probed()
    assert codes(told) == ["no_checksum"]
    assert "checksum = false  # changed" in told["settings"]
    assert refused(told)["valid"] is None


def test_a_minimum_age_wants_birth_dates(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    sip2.setup = Setup("alma", "door", PASSWORD)
    ready(tables(sip2, "alma"), changes={"#minimum_age = false": "minimum_age = true"})
    told = probed()
    assert codes(told) == ["no_birth_date"]
    assert refused(told)["valid"] == "under_age"


def test_plain_text_beyond_this_machine_is_a_danger(
    sip2: Sip2Server,
    ready: Callable[..., None],
    probed: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready(tables(sip2, tls=False))
    assert codes(probed()) == []
    monkeypatch.setattr("controller.settings.section.is_loopback", lambda _: False)
    assert codes(probed()) == ["plain_text"]


def test_questions_that_stay_without_an_answer_are_dangers(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]]
) -> None:
    ready(f"[lms]\ntimeout_s = 0.5\n{tables(sip2)}")
    sip2.behave(cut_after=20)
    told = probed()
    assert codes(told) == ["no_answer"] * len(QUESTIONS)
    assert set(refused(told).values()) == {"not_checked", "pin_missing"}


def test_a_system_that_is_not_there_ends_it(
    sip2: Sip2Server,
    ready: Callable[..., None],
    probed: Callable[..., dict[str, Any]],
    unlocked: Unlocked,
    tmp_path: Path,
) -> None:
    ready(tables(sip2))
    sip2.setup = Setup("evergreen", "door", "another")
    told = probed(exit_code=1)
    assert (told["reached"], told["trouble"]) == (False, "login_refused")
    sip2.stop()
    result = unlocked("lms", "probe", "--cards", tmp_path / "cards.toml")
    assert result.exit_code == 1
    assert f"there is nothing to try: {sip2.host}:{sip2.port}" in result.stderr


def test_cards_can_be_left_out(
    sip2: Sip2Server, ready: Callable[..., None], probed: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    ready(tables(sip2))
    (tmp_path / "cards.toml").write_text(f'valid = "{VALID}"\n')
    told = probed(exit_code=0)
    assert list(refused(told)) == ["valid", "empty_pin"]
    assert told["not_tried"] == ["right_pin", "wrong_pin", "expired", "blocked", "unknown"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f'card = "{VALID}"', "a key that is not known; use valid, pin"),
        (f"valid = {VALID}", "valid: put it in quotes"),
        (f"valid = {VALID}{VALID}x", "it is no TOML"),
        ('valid = "123"', "valid: it is no card number of [cards]: it has 3 characters"),
        (f'valid = "{VALID}"\npin = "abcd"', "pin: a PIN is one digit or more"),
        (f'pin = "{PIN}"\nexpired = "{EXPIRED}"', "pin: it needs the valid card as well"),
        (f'valid = "{VALID}"\npin = "{PIN}"\nwrong_pin = "{PIN}"', "wrong_pin: it is the same as pin"),
        ("", "no test card was given"),
    ],
)
def test_a_file_of_cards_that_is_wrong_is_told_without_them(
    sip2: Sip2Server, ready: Callable[..., None], unlocked: Unlocked, tmp_path: Path, written: str, said: str
) -> None:
    ready(tables(sip2))
    (tmp_path / "cards.toml").write_text(written)
    result = unlocked("lms", "probe", "--cards", tmp_path / "cards.toml")
    assert result.exit_code == 1
    assert said in result.stderr
    secret_to_all(result.output)
    assert not sip2.asked


def test_a_file_of_cards_that_others_can_read_is_refused(
    sip2: Sip2Server, ready: Callable[..., None], unlocked: Unlocked, tmp_path: Path
) -> None:
    ready(tables(sip2))
    (tmp_path / "cards.toml").chmod(0o640)
    result = unlocked("lms", "probe", "--cards", tmp_path / "cards.toml")
    assert result.exit_code == 1
    assert f"chmod 600 {tmp_path}/cards.toml" in result.stderr


def test_cards_are_asked_for_at_a_terminal(
    sip2: Sip2Server, ready: Callable[..., None], unlocked: Unlocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(tables(sip2))
    assert "write them into --cards FILE" in unlocked("lms", "probe").stderr
    monkeypatch.setattr("controller.commands.lms_cards.at_terminal", lambda: True)
    result = unlocked("lms", "probe", input=f"{VALID}\n{PIN}\n\n\n{UNKNOWN}\n")
    assert result.exit_code == 0, result.output
    assert "Not tried: expired card, blocked card." in result.stdout
    secret_to_all(result.output)
    sip2.forget()
    result = unlocked("lms", "probe", input="123\n\n\n\n\n")
    assert "the card number of a valid member: it is no card number" in result.stderr


def test_that_members_were_shown_is_journalled_and_their_cards_sealed(
    sip2: Sip2Server,
    ready: Callable[..., None],
    probed: Callable[..., dict[str, Any]],
    config: Path,
    tmp_path: Path,
) -> None:
    ready(tables(sip2))
    probed()
    reader = JournalReader(Paths.of(load(config)).journal("console"))
    shown = [event for event in reader.read(0) if event.type is EventType.MEMBERSHIP_SHOWN]
    reader.close()
    assert [(event.subject, event.data) for event in shown] == [("lms", {"known": True})] * 3
    for file in (tmp_path / "state").rglob("*.db*"):
        for card in (VALID, EXPIRED, BLOCKED, UNKNOWN):
            assert card.encode() not in file.read_bytes()


@pytest.mark.parametrize("words", [("probe",), ("status",)])
def test_without_a_system_the_table_is_named(unlocked: Unlocked, words: tuple[str, ...]) -> None:
    result = unlocked("lms", *words)
    assert result.exit_code == 1
    assert "lms: there is no system to ask; add [lms.sip2] or [lms.koha]" in result.stderr


@pytest.mark.parametrize("system", ["sip2", "koha"])
def test_status_says_whether_it_answers(
    ready: Callable[..., None], unlocked: Unlocked, request: pytest.FixtureRequest, system: str
) -> None:
    server = request.getfixturevalue(system)
    ready(tables(server) if system == "sip2" else rest(server))
    result = unlocked("lms", "status")
    assert result.exit_code == 0
    assert "it answers (" in result.stdout
    assert "the membership service has journalled nothing of it" in result.stdout
    assert not server.cards()
    server.stop()
    result = unlocked("lms", "status", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["answers"], told["trouble"], told["journal"]) == (False, "unreachable", [])
    assert "it does not answer: " in unlocked("lms", "status").stdout


def test_status_says_what_was_journalled(
    sip2: Sip2Server, ready: Callable[..., None], unlocked: Unlocked, config: Path
) -> None:
    ready(tables(sip2))
    now = Stamp(1_795_424_400_000_000, 1, "boot", True)
    journal = Journal.open(Paths.of(load(config)).journal("membership"), service="membership", stamp=now)
    journal.append(
        [
            NewEvent(EventType.LMS_LOST, "lms", now, {"reason": "timed_out"}),
            NewEvent(EventType.LMS_UNUSABLE, "lms", now),
        ]
    )
    result = unlocked("lms", "status")
    assert "has not reached it (timed_out) since 2026-11-23 09:00:00" in result.stdout
    assert "it answers us, but not that service: see systemd/lms.conf.example" in result.stdout
    assert "its answers have not been enough to count since 2026-11-23" in result.stdout
    journal.append([NewEvent(EventType.LMS_FOUND, "lms", now), NewEvent(EventType.LMS_PLAUSIBLE, "lms", now)])
    journal.close()
    told = json.loads(unlocked("lms", "status", "--json").stdout)
    assert [event["type"] for event in told["journal"]] == ["lms.found", "lms.plausible"]
