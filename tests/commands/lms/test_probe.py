"""``unlocked lms probe``: what an installer is told of simulated systems, and nobody of a member."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from controller.core.event import EventType
from controller.settings.lms import Lms
from controller.store.journal_reader import JournalReader
from simulator.lms.koha_server import KohaServer
from simulator.lms.sip2_server import Setup, Sip2Server
from simulator.members import card_number

if TYPE_CHECKING:
    from conftest import Trial

QUESTIONS = ["valid", "wrong_pin", "empty_pin", "right_pin", "expired", "blocked", "unknown"]


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
    trial: Trial,
    dialect: str,
    expected: list[str],
) -> None:
    trial.ready(trial.sip2(sip2, dialect))
    told = trial.told()
    assert [question["asked"] for question in told["questions"]] == QUESTIONS
    assert told["not_tried"] == []
    assert codes(told) == expected
    door = refused(told)
    assert (door["valid"], door["right_pin"]) == (None, None)
    assert (door["expired"], door["blocked"]) == ("expired", "suspended")
    assert (door["wrong_pin"], door["empty_pin"], door["unknown"]) == (
        "pin_wrong",
        "pin_missing",
        "unknown_card",
    )


def test_koha_s_rest_api_is_tried_as_well(koha: KohaServer, trial: Trial) -> None:
    trial.ready(trial.koha(koha))
    told = trial.told()
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
    assert valid["expiry_date"] == (trial.TODAY + trial.YEAR).isoformat()
    shown = {name for name, value in valid.items() if value not in (None, "empty")}
    assert shown == {"expiry_date", "expired", "anonymized", "restricted"}


def test_the_page_shows_fields_and_no_person(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    result = trial.probe()
    assert result.exit_code == 0
    for words in (
        'over SIP2, dialect "evergreen": it is online and speaks version 2.00.',
        "  it returns   AO",
        "  not shown    AA, AE",
        f"(read as {trial.TODAY + trial.YEAR})",
        f'  that means   active, until the end of {trial.TODAY + trial.YEAR}, category "adult", of age',
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
def test_a_dialect_that_fits_better_is_named_and_its_settings_work(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2, "koha"))
    told = trial.told()
    assert codes(told) == ["empty_pin_accepted", "bad_expiry", "other_dialect"]
    assert "a day to come in PX" in told["dangers"][1]["text"]
    assert told["dangers"][2]["text"].endswith('than "koha": "polaris".')
    to_use = tomllib.loads(told["settings"])
    assert Lms.model_validate(to_use["lms"]).sip2
    assert 'dialect = "polaris"  # changed' in told["settings"]
    trial.config.write_text(trial.config.read_text().replace(trial.sip2(sip2, "koha"), told["settings"]))
    assert trial.dangers() == ["empty_pin_accepted"]


def test_an_expiry_in_another_field_is_found_and_its_settings_work(sip2: Sip2Server, trial: Trial) -> None:
    sip2.setup = Setup("evergreen", "door", trial.PASSWORD, renamed={"PA": "ZE"})
    trial.ready(trial.sip2(sip2))
    told = trial.told()
    assert codes(told) == ["no_expiry"]
    assert "a day to come in ZE" in told["dangers"][0]["text"]
    assert '[lms.sip2.fields]\nexpiry = "ZE"  # changed' in told["settings"]
    trial.config.write_text(trial.config.read_text().replace(trial.sip2(sip2), told["settings"]))
    assert trial.dangers() == []


def test_a_record_of_koha_s_that_says_too_little_is_a_danger(koha: KohaServer, trial: Trial) -> None:
    trial.ready(trial.koha(koha))
    koha.behave(without=frozenset({"expiry_date"}))
    assert trial.dangers() == ["no_expiry"]
    koha.behave(other_card=trial.EXPIRED)
    told = trial.told()
    assert codes(told) == ["other_card"]
    assert refused(told)["unknown"] == "not_checked"


def test_an_entitlement_that_nobody_has_is_a_danger(sip2: Sip2Server, trial: Trial) -> None:
    by = '[lms.entitlement]\nby = "category"\ncategories = ["Unstaffed"]\n'
    trial.ready(trial.sip2(sip2) + by)
    told = trial.told()
    assert codes(told) == ["valid_refused"]
    assert "not_enrolled. It is not entitled to unstaffed hours" in told["dangers"][0]["text"]
    assert by.rstrip() in told["settings"]


def test_cards_that_are_not_what_they_should_be_are_dangers(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    sip2.patrons.add(
        trial.patron(trial.VALID, blocked=True),
        trial.patron(trial.EXPIRED),
        trial.patron(trial.BLOCKED),
        trial.patron(trial.UNKNOWN),
    )
    assert trial.dangers() == ["unknown_valid", "expired_admitted", "blocked_admitted", "flags_on_valid"]


def test_cards_that_the_system_does_not_know_have_tried_nothing(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    for card in (trial.EXPIRED, trial.BLOCKED):
        sip2.patrons.remove(card)
    told = trial.told()
    assert codes(told) == ["unknown_instead", "unknown_instead"]
    texts = [danger["text"] for danger in told["dangers"]]
    assert "The expired card is unknown" in texts[0]
    assert "The blocked card is unknown" in texts[1]


def test_a_system_that_takes_any_pin_is_a_danger(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    sip2.patrons.add(trial.patron(trial.VALID, pin=trial.WRONG_PIN))
    assert trial.dangers() == ["wrong_pin_accepted", "right_pin_refused"]


def test_another_card_s_answer_is_a_danger(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    sip2.behave(other_card=card_number(7))
    told = trial.told()
    assert "other_card" in codes(told)
    assert set(refused(told).values()) == {"not_checked", "pin_missing"}


def test_wrong_checksums_are_found_and_can_be_done_without(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    sip2.behave(wrong_checksum=True, on=frozenset({"63", "97"}))
    told = trial.told()
    assert codes(told) == ["no_checksum"]
    assert "sends wrong checksums" in told["dangers"][0]["text"]
    assert "checksum = false  # changed" in told["settings"]
    assert refused(told)["valid"] is None


def test_a_minimum_age_wants_birth_dates(sip2: Sip2Server, trial: Trial) -> None:
    sip2.setup = Setup("alma", "door", trial.PASSWORD)
    trial.ready(trial.sip2(sip2, "alma"), changes={"#minimum_age = false": "minimum_age = true"})
    told = trial.told()
    assert codes(told) == ["no_birth_date"]
    assert refused(told)["valid"] == "under_age"


def test_plain_text_beyond_this_machine_is_a_danger(
    sip2: Sip2Server,
    trial: Trial,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trial.ready(trial.sip2(sip2, tls=False))
    assert trial.dangers() == []
    monkeypatch.setattr("controller.membership.probe.trial.is_loopback", lambda _: False)
    assert trial.dangers() == ["plain_text"]


def test_questions_that_stay_without_an_answer_are_dangers(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(f"[lms]\ntimeout_s = 0.5\n{trial.sip2(sip2)}")
    sip2.behave(cut_after=20)
    told = trial.told()
    assert codes(told) == ["no_answer"] * len(QUESTIONS)
    assert set(refused(told).values()) == {"not_checked", "pin_missing"}


def test_a_system_that_is_not_there_ends_it(
    sip2: Sip2Server,
    trial: Trial,
) -> None:
    trial.ready(trial.sip2(sip2))
    sip2.setup = Setup("evergreen", "door", "another")
    told = trial.told()
    assert (told["reached"], told["trouble"]) == (False, "login_refused")
    assert 'says what to do about "login_refused"\n' in trial.probe().stderr
    sip2.stop()
    result = trial.probe()
    assert result.exit_code == 1
    assert f"there is nothing to try: {sip2.host}:{sip2.port}" in result.stderr
    assert "\nlook at lms.sip2.host, lms.sip2.port and lms.sip2.tls; docs/lms.md" in result.stderr


def test_cards_can_be_left_out(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    trial.cards.write_text(f'valid = "{trial.VALID}"\n')
    told = trial.told()
    assert list(refused(told)) == ["valid", "empty_pin"]
    assert told["not_tried"] == ["right_pin", "wrong_pin", "expired", "blocked", "unknown"]


def test_that_members_were_shown_is_journalled_and_their_cards_sealed(
    sip2: Sip2Server,
    trial: Trial,
) -> None:
    trial.ready(trial.sip2(sip2))
    trial.told()
    reader = JournalReader(trial.paths.journal("console"))
    shown = [event for event in reader.read(0) if event.type is EventType.MEMBERSHIP_SHOWN]
    reader.close()
    assert [(event.subject, event.data) for event in shown] == [("lms", {"known": True})] * 3
    for file in trial.paths.state.rglob("*.db*"):
        for card in (trial.VALID, trial.EXPIRED, trial.BLOCKED, trial.UNKNOWN):
            assert card.encode() not in file.read_bytes()
