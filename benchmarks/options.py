"""What can be made shorter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """seconds: how long the recorder is watched. cameras: with how many, one run after the other.

    segments: of the footage that is kept. events: of a journal.
    """

    members: int
    swipes: int
    seconds: int
    cameras: tuple[int, ...]
    reconnects: int
    segments: int
    events: int
