"""The policy profile and the published notice: may the recorder record, and is all as people were told?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok
from controller.recorder.permission import Cause, ask, profile_of
from controller.settings.policy.load import PolicyUnusable

PART = "policy"
MORE = "`unlocked policy check` and `unlocked notice check` say all of it"


def look(context: Context) -> Iterator[Finding]:
    settings = context.settings
    profile = profile_of(settings)
    if isinstance(profile, PolicyUnusable):
        what = (
            "nothing is recorded, and nothing falls due" if settings.cameras else "nothing falls due by age"
        )
        for line in str(profile).splitlines():
            yield fault(PART, f"{what}: {line}", "correct the profile (`unlocked policy check`)")
    if not settings.cameras:
        if profile is None:
            yield hint(PART, "no policy profile is named", "set policy.profile (docs/policies.md)")
        elif not isinstance(profile, PolicyUnusable):
            yield ok(PART, f"profile {profile.id} can be used")
        return
    today = datetime.fromtimestamp(context.now.wall_us / 1_000_000, ZoneInfo(settings.branch.timezone)).date()
    permission = ask(settings, context.journal("console"), today)
    for refusal in permission.refusals:
        if refusal.cause is Cause.PROFILE_UNUSABLE:
            continue  # told above
        yield fault(PART, f"nothing is recorded: {refusal.text.splitlines()[0].rstrip(':')}", MORE)
    for line in permission.hints:
        yield hint(PART, line.splitlines()[0].partition(": not settled:")[0], MORE)
    if permission.may_record and permission.profile is not None and not permission.hints:
        yield ok(PART, f"profile {permission.profile.id} is in force, and the notice is as published")
