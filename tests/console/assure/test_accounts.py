"""Who has a role is found in the settings and in the console's database, as the console writes it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from controller.assurance.accounts import Known, accounts, names
from controller.assurance.sources import Sources
from controller.settings.policy.load import load_profile
from controller.settings.staff import Role
from controller.store.engine import DatabaseUnusable

TODAY, YESTERDAY = date(2026, 9, 21), date(2026, 9, 20)
POLICY = Path(__file__).parents[3] / "config" / "policies" / "worcestershire.toml"


@pytest.fixture
def console_settings() -> str:
    return '\n[[staff]]\naccount = "cctv"\nroles = ["cctv"]\ntrained_until = 2026-09-20\n'


@pytest.fixture
def sources(console: Any) -> Any:
    with ExitStack() as closing:
        yield Sources.open(console.branch.settings, load_profile(POLICY), console.branch.now(), closing)


def keep(console: Any) -> None:
    """The database of the tests' pages as the branch's."""
    connection.close()
    console.branch.paths.console.write_bytes(Path(connection.settings_dict["NAME"]).read_bytes())


def test_accounts_of_the_machine_and_of_the_console(console: Any, sources: Sources) -> None:
    console.account("cctv", trained_until=TODAY)
    console.account("desk", trained_until=None)
    left = console.account("dpo")
    left.is_active = False
    left.save()
    keep(console)
    found = accounts(sources)
    assert found[-2:] == [
        Known("cctv", frozenset({Role.CCTV}), TODAY),
        Known("desk", frozenset({Role.DESK}), None),
    ]
    assert Known("cctv", frozenset({Role.CCTV}), YESTERDAY) in found[:-2]
    assert names(one for one in found if one.is_trained(TODAY)).count("cctv") == 1
    assert "desk" not in names(one for one in found if one.has_lapsed(TODAY))


def test_before_there_are_accounts_of_the_console(sources: Sources) -> None:
    assert "cctv" in names(accounts(sources))


def test_a_database_that_cannot_be_read_proves_nothing(console: Any, sources: Sources) -> None:
    console.branch.paths.console.write_bytes(b"no database" * 100)
    with pytest.raises(DatabaseUnusable):
        accounts(sources)
