"""What the commands about holds share: options, and words for a hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from controller.core.hold import Hold, Scope

CATEGORIES = ("footage", "access_events", "device_events", "staff_actions", "memberships", "registers")
"""As ``core.hold.Category`` has them; a test compares."""
LONGEST_REFERENCE = 80
LONGEST_REASON = 200
"""As ``staff.holds.placing`` has them; a test compares."""


def text_option(name: str, longest: int, **options: Any) -> Callable[[Any], Any]:
    """An option that takes a text of 1 to ``longest`` characters."""

    def within(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
        if value is not None and not 1 <= len(value) <= longest:
            raise click.BadParameter(f"1 to {longest} characters")
        return value

    return click.option(name, callback=within, **options)


def what(scope: Scope, local: tzinfo) -> str:
    """Of what a hold is, in a line."""
    from controller.commands import when

    parts = [f"{scope.category.value} of {scope.device or 'all'}"]
    if scope.event_ids:
        parts.append(f"{len(scope.event_ids)} events")
    if scope.start_us < scope.end_us:
        parts.append(f"{when.shown(scope.start_us, local)} to {when.shown(scope.end_us, local)}")
    return ", ".join(parts)


def as_json(hold: Hold, proposed_by: str | None) -> dict[str, object]:
    """proposed_by: who has proposed to end it, while that waits for a second person."""
    scope = hold.scope
    return {
        "id": hold.id,
        "authority": hold.authority,
        "reference": hold.reference,
        "category": scope.category.value,
        "device": scope.device,
        "start_us": scope.start_us,
        "end_us": scope.end_us,
        "events": sorted(scope.event_ids),
        "placed_us": hold.placed_us,
        "placed_by": hold.placed_by,
        "review_us": hold.review_us,
        "reviewed_us": hold.reviewed_us,
        "reviewed_by": hold.reviewed_by,
        "end_proposed_by": proposed_by,
        "ended_us": hold.ended_us,
        "ended_by": hold.ended_by,
        "end_reason": hold.end_reason,
        "protected_until_us": hold.protected_until_us,
    }
