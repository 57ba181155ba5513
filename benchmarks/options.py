"""What can be made shorter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """seconds: how long the recorder is watched."""

    members: int
    swipes: int
    seconds: int
