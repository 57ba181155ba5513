"""What a new hold is told, as lines or as JSON (``staff.holds.came`` finds it)."""

from __future__ import annotations

import json
from datetime import tzinfo
from typing import TYPE_CHECKING

from controller.commands.hold.words import what

if TYPE_CHECKING:
    from controller.staff.holds.came import Came

MOST_TOLD = 10
"""Certificates that are told one by one; --json has all."""


def lines(came: Came, local: tzinfo) -> list[str]:
    from controller.commands import when

    hold = came.hold
    review = when.shown(hold.review_us, local)
    said = [f"hold {hold.id}: {what(hold.scope, local)}, to be reviewed by {review}"]
    if came.saved:
        said.append(f"{came.saved} segments that were about to be destroyed are saved")
    if came.undecided:
        said.append(
            f"{came.undecided} segments are marked to be destroyed and the recorder is not at it; "
            "when it starts it spares those whose files are still there"
        )
    elif came.fate.unfinished:
        said.append("a disposal has begun and not ended; whoever goes on with it spares what is held")
    if came.lost:
        said.append(f"TOO LATE for {came.lost} segments: they were due, and were being destroyed")
    for gone in came.fate.gone[:MOST_TOLD]:
        said.append(
            f"ALREADY DISPOSED: up to {gone.count} of {hold.scope.category.value} of "
            f"{when.shown(gone.from_us, local)} to {when.shown(gone.to_us, local)}, by certificate "
            f"{gone.certificate} of the {gone.service}"
        )
    if (more := len(came.fate.gone) - MOST_TOLD) > 0:
        said.append(f"and {more} more certificates; --json names them all")
    return said


def as_json(came: Came) -> str:
    return json.dumps(
        {
            "hold": came.hold.id,
            "category": came.hold.scope.category.value,
            "review_us": came.hold.review_us,
            "saved": came.saved,
            "undecided": came.undecided,
            "lost": came.lost,
            "already_disposed": [
                {
                    "certificate": gone.certificate,
                    "service": gone.service,
                    "count_at_most": gone.count,
                    "from_us": gone.from_us,
                    "to_us": gone.to_us,
                }
                for gone in came.fate.gone
            ],
        }
    )
