"""A profile as short as one can be, and files made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

SHORT = """
id = "short"
title = "A short one"
authority = "An authority"
status = "draft"
nation = "ENG"
[notice]
title = "Privacy notice"
controller = "An authority"
source = "nowhere"
[[assumptions]]
id = "guess"
text = "Nobody said so."
"""
CATEGORY = """
[[categories]]
id = "{id}"
what = "something"
held = "{held}"
trigger = "something happens"
rule = {{ {rule} }}
assumptions = ["guess"]
"""
RIGHTS = "".join(
    f'[[rights]]\nright = "{right}"\nanswer = "unstated"\n'
    for right in (
        "access",
        "rectification",
        "completion",
        "erasure",
        "restriction",
        "portability",
        "objection",
    )
)
DAYS_90 = 'kind = "duration", days = 90'
KEPT = {
    "footage": 'kind = "window"',
    "access_events": DAYS_90,
    "device_events": DAYS_90,
    "staff_actions": DAYS_90,
    "memberships": 'kind = "immediate"',
    "registers": DAYS_90,
}


class ProfileFile:
    """Writes a policy.toml that is right, but for what is asked for."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def write(self, added: str = "", top: str = "", **rules: str) -> Path:
        """top, added: text before and after. rules: of what the controller keeps; "" leaves it out."""
        kept = {**KEPT, **rules}
        categories = [self.category(id_, "controller", rule) for id_, rule in kept.items() if rule]
        self.file.write_text(top + SHORT + "".join(categories) + RIGHTS + added)
        return self.file

    @staticmethod
    def category(category: str, held: str, rule: str) -> str:
        return CATEGORY.format(id=category, held=held, rule=rule)


@pytest.fixture
def profile_file(tmp_path: Path) -> ProfileFile:
    return ProfileFile(tmp_path / "policy.toml")
