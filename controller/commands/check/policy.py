"""For ``unlocked check``: what the recorder would say of the policy profile and the published notice.

Where profile or state of the branch are on another machine, nothing is known of them, and nothing said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.settings.model import Settings


def policy_hints(settings: Settings) -> Iterator[str]:
    """A line each."""
    from controller.commands.notice.checking import asked
    from controller.recorder.permission import Cause
    from controller.settings.paths import Paths

    profile = settings.policy.profile
    if not settings.cameras or (profile is not None and not profile.parent.is_dir()):
        return
    found = asked(settings)
    elsewhere = not Paths.of(settings).journal("console").parent.is_dir()
    for refusal in found.refusals:
        if not (elsewhere and refusal.cause is Cause.NOTICE_NOT_PUBLISHED):
            yield from (f"nothing is recorded: {line}" for line in refusal.text.splitlines())
    yield from found.hints
