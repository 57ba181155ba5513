from __future__ import annotations

from typing import Any

from controller.console.today.board import board_of
from controller.console.today.knowing import Knowing

DAY = (("day", "21"), ("month", "9"), ("year", "2026"))


def told(console: Any) -> list[str]:
    knowing = Knowing(console.branch.settings, console.branch.now)
    try:
        matters = board_of(knowing.look()).matters
    finally:
        knowing.close()
    return [matter.title for matter in matters if matter.key.startswith(("hold", "regist"))]


def test_a_hold_that_nobody_looked_at_again_wants_attention(console: Any) -> None:
    assert told(console) == []
    hold = {"authority": "Police", "reference": "14/2026", "categories": "footage", "from-time": "13:00"}
    day = {f"{end}-{part}": value for end in ("from", "to") for part, value in DAY}
    assert console.client("desk").post("/holds/new/", {"to-time": "14:00", **hold, **day}).status_code == 302
    assert told(console) == []
    console.clock.sleep(91 * 86_400)
    assert told(console) == ["1 hold should have been looked at again"]
    console.branch.paths.registers.unlink()
    (lost,) = told(console)
    assert "lost or cannot be read" in lost
