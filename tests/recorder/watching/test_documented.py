"""The seconds that docs/cameras.md promises are those that the recorder keeps to."""

from __future__ import annotations

import re
from pathlib import Path

from controller.core.camera_health import DRIFT_NOTICED_S, LOST_NOTICED_S, NOTICED_S, Fault
from controller.recorder.capture.reader_watch import HANG_US
from drivers.rtsp_camera import READ_TIMEOUT_S

PAGE = Path(__file__).parents[3] / "docs" / "cameras.md"
UNITS = {"s": 1, "min": 60}


def test_the_page_says_so() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")] for line in PAGE.read_text().splitlines() if "|" in line
    ]
    promised: dict[str, list[float]] = {}
    fault = ""
    for row in rows[2:]:
        fault = row[2].strip("`") or (fault if row[1] == "" else "lost")
        number, unit = re.match(r"(\d+) (s|min)", row[4]).groups()  # type: ignore[union-attr]
        promised.setdefault(fault, []).append(int(number) * UNITS[unit])
    expected: dict[str, list[float]] = {fault.value: [seconds] for fault, seconds in NOTICED_S.items()}
    expected["lost"] = [LOST_NOTICED_S]
    expected[Fault.BAD_CLOCK.value].append(DRIFT_NOTICED_S)
    assert promised == expected


def test_a_driver_gives_up_in_time() -> None:
    assert 2 * READ_TIMEOUT_S + 2 <= LOST_NOTICED_S
    assert HANG_US / 1_000_000 + 2 <= 30  # as the page says of a driver that hangs
