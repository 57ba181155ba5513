from __future__ import annotations

from pathlib import Path

import pytest

from controller.settings.load import load
from controller.settings.shown import Key, Table, tables, text_of

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"
SMALL = """
[branch]
authority = "a"
branch = "b"
name = 'A "quoted" name'
[[doors]]
[[doors.readers]]
port = "/dev/null"
[doors.lock]
pin = 17
[[doors]]
id = "back"
[[doors.readers]]
id = "yard"
port = "/dev/zero"
prefix = '\\'
[doors.lock]
pin = 18
pulse_s = 2.5
[[staff]]
account = "desk"
roles = ["desk", "auditor"]
"""


@pytest.fixture
def found(tmp_path: Path) -> dict[tuple[str, str], Table]:
    file = tmp_path / "branch.toml"
    file.write_text(SMALL)
    return {(table.heading, table.of): table for table in tables(load(file))}


def key(table: Table, name: str) -> Key:
    return next(key for key in table.keys if key.name == name)


def test_each_key_tells_whether_it_is_set_or_has_its_default(found: dict[tuple[str, str], Table]) -> None:
    branch = found["[branch]", ""]
    assert key(branch, "name") == Key("name", '"A \\"quoted\\" name"', is_set=True)
    assert key(branch, "timezone") == Key("timezone", '"Europe/London"', is_set=False)


def test_tables_of_which_there_are_several_say_which_they_are(found: dict[tuple[str, str], Table]) -> None:
    assert key(found["[doors.lock]", "back"], "pulse_s") == Key("pulse_s", "2.5", is_set=True)
    assert key(found["[doors.lock]", "front"], "pulse_s") == Key("pulse_s", "5", is_set=False)
    assert key(found["[[doors.readers]]", "yard of back"], "prefix").value == '"\\\\"'
    assert key(found["[[staff]]", "desk"], "roles").value == '["auditor", "desk"]'


def test_a_table_that_the_file_does_not_have_is_shown_as_such(found: dict[tuple[str, str], Table]) -> None:
    assert found["[lms]", ""] == Table("[lms]", "", is_set=False, keys=())
    assert found["[[cameras]]", ""].keys == ()
    assert not found["[footage]", ""].is_set
    assert key(found["[footage]", ""], "retention_days").value == "14"
    assert key(found["[[doors]]", "front"], "contact") == Key("contact", "", is_set=False)


def test_every_table_of_the_example_is_shown_once() -> None:
    shown = [(table.heading, table.of) for table in tables(load(EXAMPLE))]
    assert len(set(shown)) == len(shown)
    assert ("[hours.staffed]", "") in shown
    assert ("[categories.cleaner.hours]", "") in shown


def test_what_stands_behind_an_address_is_not_shown() -> None:
    assert text_of("rtsp://camera/1?user=a&password=b") == '"rtsp://camera/1?…"'
    assert text_of("What?") == '"What?"'
