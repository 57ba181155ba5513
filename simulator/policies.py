"""Policy profiles for simulated branches: those that are shipped, as drafts or as if they were accepted."""

from __future__ import annotations

from controller.settings import shipped

PROFILE = "worcestershire"
"""Of the policy profiles that are shipped, the one of a simulated branch."""
ACCEPTED = 'accepted_by = "Data protection officer"\naccepted_on = 2026-11-02\n'


def policy_toml(profile: str = PROFILE) -> str:
    """So that a simulated branch may record: nobody has accepted the profile for it, so it is a draft."""
    return f'[policy]\nprofile = "{shipped.profiles()[profile]}"\ndraft = true\n'


def accepted(profile: str = PROFILE, *changes: tuple[str, str]) -> str:
    """The text of a profile that is live, with some of its text replaced."""
    text = shipped.profiles()[profile].read_text(encoding="utf-8").replace('accepted_by = ""\n', ACCEPTED)
    head = "[notice]\n" if "\ndated = " in text else "[notice]\ndated = 2026-11-02\n"
    live = ("\n[notice]\n", f"\nreview_on = 2027-03-04\n\n{head}"), ('status = "draft"', 'status = "live"')
    for old, new in (*live, *changes):
        if old not in text:
            raise ValueError(f"{profile} has no {old!r}")
        text = text.replace(old, new, 1)
    return text
