from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

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


def test_json_has_the_same(unlocked: Unlocked) -> None:
    told = json.loads(unlocked("doctor", "--json").stdout)

    assert {one["part"] for one in told["findings"]} == {part.name for part in PARTS}
    assert set(told["findings"][0]) == {"part", "state", "what", "remedy"}
