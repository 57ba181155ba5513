"""Where the files are that come with the controller: the example of the settings, the policy profiles.

From a checkout they are in ``config``; a package and pip put them below the environment that runs. Never
here: what is in them.
"""

from __future__ import annotations

import sys
from pathlib import Path


def folder() -> Path | None:
    """The folder with ``branch.example.toml`` and ``policies``; None where an installation lacks it."""
    for found in (Path(__file__).parents[2] / "config", Path(sys.prefix) / "share" / "unlocked"):
        if found.is_dir():
            return found
    return None


def example() -> Path | None:
    """The settings of an example branch, with every key and what it is for."""
    found = folder()
    return found / "branch.example.toml" if found else None


def profiles() -> dict[str, Path]:
    """The policy profiles, by id."""
    found = folder()
    return {file.stem: file for file in sorted((found / "policies").glob("*.toml"))} if found else {}
