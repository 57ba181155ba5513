"""The test cards of ``unlocked lms probe``: where they come from, and that none is repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.lms.sip2_server import Sip2Server

if TYPE_CHECKING:
    from conftest import Trial


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('card = "{valid}"', "a key that is not known; use valid, pin"),
        ("valid = {valid}", "valid: put it in quotes"),
        ("valid = {valid}{valid}x", "it is no TOML"),
        ('valid = "123"', "valid: it is no card number of [cards]: it has 3 characters"),
        ('valid = "{valid}"\npin = "abcd"', "pin: a PIN is one digit or more"),
        ('pin = "{pin}"\nexpired = "{expired}"', "pin: it needs the valid card as well"),
        ('valid = "{valid}"\npin = "{pin}"\nwrong_pin = "{pin}"', "wrong_pin: it is the same as pin"),
        ("", "no test card was given"),
    ],
)
def test_a_file_of_cards_that_is_wrong_is_told_without_them(
    sip2: Sip2Server, trial: Trial, written: str, said: str
) -> None:
    trial.ready(trial.sip2(sip2))
    trial.cards.write_text(written.format(valid=trial.VALID, pin=trial.PIN, expired=trial.EXPIRED))
    result = trial.probe()
    assert result.exit_code == 1
    assert said in result.stderr
    trial.tells_nobody(result.output)
    assert not sip2.asked


def test_a_file_of_cards_that_others_can_read_is_refused(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    trial.cards.chmod(0o640)
    result = trial.probe()
    assert result.exit_code == 1
    assert f"chmod 600 {trial.cards}" in result.stderr


def test_cards_are_asked_for_at_a_terminal(
    sip2: Sip2Server, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.ready(trial.sip2(sip2))
    assert "write them into --cards FILE" in trial.unlocked("lms", "probe").stderr
    monkeypatch.setattr("controller.commands.lms.cards.at_terminal", lambda: True)
    result = trial.unlocked("lms", "probe", input=f"{trial.VALID}\n{trial.PIN}\n\n\n{trial.UNKNOWN}\n")
    assert result.exit_code == 0, result.output
    assert "Not tried: expired card, blocked card." in result.stdout
    trial.tells_nobody(result.output)
    sip2.forget()
    result = trial.unlocked("lms", "probe", input="123\n\n\n\n\n")
    assert "the card number of a valid member: it is no card number" in result.stderr
