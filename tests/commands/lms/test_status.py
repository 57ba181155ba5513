"""``unlocked lms status``: whether the system answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from controller.core.event import EventType, NewEvent, Stamp
from controller.store.journal import Journal
from simulator.lms.sip2_server import Sip2Server

if TYPE_CHECKING:
    from conftest import Trial


@pytest.mark.parametrize("words", [("probe",), ("status",)])
def test_without_a_system_the_table_is_named(trial: Trial, words: tuple[str, ...]) -> None:
    result = trial.unlocked("lms", *words)
    assert result.exit_code == 1
    assert "lms: there is no system to ask; add [lms.sip2] or [lms.koha]" in result.stderr


@pytest.mark.parametrize("system", ["sip2", "koha"])
def test_status_says_whether_it_answers(trial: Trial, request: pytest.FixtureRequest, system: str) -> None:
    server = request.getfixturevalue(system)
    trial.ready(trial.sip2(server) if system == "sip2" else trial.koha(server))
    result = trial.unlocked("lms", "status")
    assert result.exit_code == 0
    assert "it answers (" in result.stdout
    assert "the membership service has journalled nothing of it" in result.stdout
    assert not any(server.cards())
    server.stop()
    result = trial.unlocked("lms", "status", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["answers"], told["trouble"], told["journal"]) == (False, "unreachable", [])
    said = trial.unlocked("lms", "status").stdout
    assert "it does not answer: " in said
    keys = {"sip2": "lms.sip2.host, lms.sip2.port and lms.sip2.tls", "koha": "lms.koha.url"}[system]
    assert (
        f'\n  look at {keys}; docs/lms.md ("When it goes wrong") says what to do about "unreachable"' in said
    )


def test_status_says_what_was_journalled(sip2: Sip2Server, trial: Trial) -> None:
    trial.ready(trial.sip2(sip2))
    now = Stamp(1_795_424_400_000_000, 1, "boot", True)
    journal = Journal.open(trial.paths.journal("membership"), service="membership", stamp=now)
    journal.append(
        [
            NewEvent(EventType.LMS_LOST, "lms", now, {"reason": "timed_out"}),
            NewEvent(EventType.LMS_UNUSABLE, "lms", now),
        ]
    )
    result = trial.unlocked("lms", "status")
    assert "has not reached it (timed_out) since 2026-11-23 09:00:00" in result.stdout
    assert "it answers us, but not that service: see systemd/lms.conf.example" in result.stdout
    assert "its answers have not been enough to count since 2026-11-23" in result.stdout
    journal.append([NewEvent(EventType.LMS_FOUND, "lms", now), NewEvent(EventType.LMS_PLAUSIBLE, "lms", now)])
    journal.close()
    told = json.loads(trial.unlocked("lms", "status", "--json").stdout)
    assert [event["type"] for event in told["journal"]] == ["lms.found", "lms.plausible"]
