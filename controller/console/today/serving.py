"""The one ``Live`` of this process, and how what it shows is laid out."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from django.template import engines

from controller.console.today.knowing import Knowing
from controller.console.today.live import Live
from controller.console.today.shown import Board
from controller.console.web.branch import Branch

REGIONS = ("at", "orders", "matters", "doors", "inside", "latest", "cameras", "systems")
"""Of the page, each a template: what changes, and is the same for everybody. at: when all this was so."""

_kept: list[tuple[Branch, Live]] = []
_making = threading.Lock()


def close() -> None:
    """The one there is, if there is one."""
    with _making:
        for _, live in _kept:
            live.close()
        _kept.clear()


def live_of(branch: Branch) -> Live:
    """Made when it is first asked for; it looks by itself once it was started."""
    if _kept and _kept[0][0] is not branch:
        close()
    with _making:
        if _kept:
            return _kept[0][1]

        def lay_out(board: Board) -> Mapping[str, str]:
            shown = {"board": board, "zone": branch.zone, "now_us": branch.now().wall_us}
            engine = engines["jinja2"]
            return {name: engine.get_template(f"today/regions/{name}.html").render(shown) for name in REGIONS}

        live = Live(Knowing(branch.settings, branch.now), lay_out)
        _kept[:] = [(branch, live)]
        return live
