"""What the page of promises counts of what the pages journalled."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from controller.assurance.mechanisms import SAYS, Found
from controller.assurance.report import Notice, State
from controller.assurance.sources import Sources
from controller.settings.policy.load import load_profile
from controller.settings.policy.promises import Keeps

POLICY = Path(__file__).parents[3] / "config" / "policies" / "worcestershire.toml"


def test_footage_that_was_refused_is_counted_however_it_was_asked_for(console: Any) -> None:
    console.client("desk").get("/footage/")
    console.client("desk").get("/audit/")
    console.client("cctv", trained_until=None).get("/devices/cameras/entrance/picture/")
    console.client("cctv", name="trained").post("/footage/", {"need": ""})
    with ExitStack() as closing:
        sources = Sources.open(console.branch.settings, load_profile(POLICY), console.branch.now(), closing)
        _, said = SAYS[Keeps.VIEWING_BY_NEED](sources, Found((), Notice(State.KEPT, "", None, "", ()), ()))
    assert "0 viewings" in said
    assert "3 refusals" in said
