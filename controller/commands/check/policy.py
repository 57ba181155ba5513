"""For ``unlocked check``: what the recorder would say of the policy profile and the published notice.

Where profile or state of the branch are on another machine, or may not be read, nothing is said of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.settings.model import Settings


def policy_hints(settings: Settings) -> Iterator[str]:
    """A line each."""
    from controller.commands.notice.checking import asked
    from controller.recorder.permission import Cause, profile_of
    from controller.settings.paths import Paths
    from controller.settings.policy.load import PolicyUnusable

    of_the_notice = {Cause.NOTICE_NOT_PUBLISHED, Cause.NOTICE_UNREADABLE}
    file = settings.policy.profile
    if file is not None and not file.parent.is_dir():
        return
    profile = profile_of(settings)
    if isinstance(profile, PolicyUnusable):
        yield from (f"no journal's events fall due: {line}" for line in str(profile).splitlines())
    if not settings.cameras:
        return
    found = asked(settings)
    unseen = not os.access(Paths.of(settings).journal("console").parent, os.R_OK | os.X_OK)
    for refusal in found.refusals:
        if not (unseen and refusal.cause in of_the_notice):
            lines = refusal.text.splitlines()
            if refusal.cause is Cause.DRAFT:
                lines = [f"{lines[0].rstrip(':')}; `unlocked policy check` says what is left"]
            yield from (f"nothing is recorded: {line}" for line in lines)
    yield from found.hints
