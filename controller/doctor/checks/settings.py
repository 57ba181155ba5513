"""The settings file: can it be used, and what in it will be regretted?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok
from controller.settings.hints import hints

PART = "settings"


def look(context: Context) -> Iterator[Finding]:
    if not context.settings_there:
        yield fault(PART, f"{context.config}: there is no such file", "make it with `unlocked setup`")
        return
    if context.faults:
        for line in context.faults:
            yield fault(
                PART,
                f"{context.config}: {line}",
                f"correct it; until then no service starts (`unlocked check {context.config}`)",
            )
        return
    settings = context.settings
    yield ok(PART, f"{context.config} is right, for {settings.branch.name}")
    today = datetime.fromtimestamp(context.now.wall_us / 1_000_000, ZoneInfo(settings.branch.timezone)).date()
    for line in hints(settings, today):
        what, _, remedy = line.rpartition("; ")
        yield hint(PART, what or line, remedy if what else f"`unlocked check {context.config}`")
