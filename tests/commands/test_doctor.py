from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import is_zipfile

from controller.commands.doctor import lines
from controller.doctor.finding import fault, hint
from controller.doctor.parts import PARTS

if TYPE_CHECKING:
    from conftest import Unlocked


def test_it_says_a_line_for_every_part_and_ends_with_one_where_there_is_a_fault(
    unlocked: Unlocked, config: Path
) -> None:
    config.write_text("")
    result = unlocked("doctor")

    assert result.exit_code == 1
    assert all(f" {part.name} " in result.output for part in PARTS)
    assert "→" in result.output


def test_it_counts_what_it_found() -> None:
    *_, last = lines([fault("clock", "wrong", "mend it"), hint("disk", "full", "empty it")])

    assert last == "1 fault, 1 hint, 0 not known, 0 in order"


def test_json_has_the_same(unlocked: Unlocked) -> None:
    told = json.loads(unlocked("doctor", "--json").stdout)

    assert {one["part"] for one in told["findings"]} == {part.name for part in PARTS}
    assert set(told["findings"][0]) == {"part", "state", "what", "remedy"}


def test_a_bundle_is_listed_and_written_once_that_is_wanted(unlocked: Unlocked, tmp_path: Path) -> None:
    file = tmp_path / "support.zip"
    asked = unlocked("doctor", "--json", "--bundle", file, input="n\n")
    assert "findings.txt" in asked.stderr
    assert "nothing is written" in asked.stderr
    assert not file.exists()
    assert json.loads(asked.stdout)["findings"]

    unlocked("doctor", "--bundle", file, input="y\n")
    assert is_zipfile(file)
    assert "there is such a file already" in unlocked("doctor", "--bundle", file, "--yes").stderr
