"""A dialect is read to the letter, says nothing that cannot be, and can be corrected by the settings."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest
from pydantic import ValidationError

from controller.membership.sip2.dialect import NAMES, BadDialect, Block, dialect_for, dialect_of, parse
from controller.settings.lms import Sip2, Sip2Fields

FOLDER = resources.files("controller.membership.sip2") / "dialects"
EVERGREEN = (FOLDER / "evergreen.toml").read_text()


def test_there_is_a_file_for_each_dialect_that_can_be_set_and_no_other() -> None:
    assert {Path(file.name).stem for file in FOLDER.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_asks_for_no_lists_and_refuses_lost_cards(name: str) -> None:
    dialect = parse((FOLDER / f"{name}.toml").read_text())
    assert dialect.message == "63"  # a 24 has no expiry date
    assert dialect.summary == " " * 10
    assert {0, 4} <= dialect.refusing_flags
    assert 4 not in dialect.flags_of_expired
    assert dialect.doubts


@pytest.mark.parametrize(
    ("instead_of", "written", "message"),
    [
        ('message = "63"', 'message = "64"', "message: "),
        ('message = "63"', "message = 63", "message: "),
        ('language = "001"', 'language = "1"', "language: "),
        ('summary = "          "', 'summary = "Y"', "summary: "),
        ("end_session = false", 'end_session = "no"', "end_session: "),
        ("end_session = false", "end_sesion = false", "end_sesion: "),
        ("end_session = false", "", "end_session: "),
        ('expiry = "PA"', 'expiry = "pa"', "expiry: "),
        ('expiry = "PA"', "", "expiry: "),
        ('"YYYYMMDD"', '"YYMMDD"', "date_formats.0: "),
        ('"YYYYMMDD"', "", "date_formats: "),
        ('"YYYYMMDD"', '"MM/DD/YYYY", "DD/MM/YYYY"', "cannot be told apart"),
        ("[0, 4]", "[0, 14]", "refusing_flags.1: "),
        ("[0, 4]", "[true]", "refusing_flags.0: "),
        ('values = ["barred"]', "values = []", "blocks.0.values: "),
        ('values = ["barred"]', 'values = [""]', "blocks.0.values.0: "),
        ('values = ["barred"]', "", "blocks.0.values: "),
        ('title = "Evergreen"', "title = Evergreen", "line 1"),
    ],
)
def test_a_fault_is_named(instead_of: str, written: str, message: str) -> None:
    assert instead_of in EVERGREEN
    text = EVERGREEN[EVERGREEN.index("title = ") :].replace(instead_of, written, 1)
    with pytest.raises(BadDialect, match=message):
        parse(text)


def test_a_dialect_says_which_fields_it_needs() -> None:
    assert dialect_of("evergreen").codes == {"PA", "PB", "PC", "AF"}
    assert dialect_of("alma").codes == {"PA", "PC"}
    assert dialect_of("evergreen").blocks == (Block("AF", ("barred",)),)


def test_the_settings_correct_it() -> None:
    changed = dialect_for(
        Sip2(
            dialect="alma",
            host="lms.example",
            refusing_flags=(),
            fields=Sip2Fields(expiry="XE", birth_date="XB", category="XC", date_formats=("DD/MM/YYYY",)),
        )
    )
    assert changed.codes == {"XE", "XB", "XC"}
    assert changed.date_formats == ("DD/MM/YYYY",)
    assert changed.refusing_flags == frozenset()


def test_what_is_not_set_stays() -> None:
    assert dialect_for(Sip2(dialect="polaris", host="lms.example")) == dialect_of("polaris")


def test_no_settings_mix_up_day_and_month() -> None:
    with pytest.raises(ValidationError, match="see which one is sent"):
        Sip2Fields(date_formats=("MM/DD/YYYY", "DD/MM/YYYY"))
