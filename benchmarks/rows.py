"""The rows of the report, and the statistics in them. An aim that is missed is shown; nothing fails by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """what: what was measured. figure: with its unit. aim, met: empty and None where there is no aim."""

    what: str
    figure: str
    aim: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        verdict = "" if self.met is None else ("met" if self.met else "MISSED")
        return f"{self.what:<58} {self.figure:>32}   {self.aim:<34} {verdict}".rstrip()


@dataclass(frozen=True, slots=True)
class Spread:
    """Of a sample, in microseconds."""

    p50: float
    p99: float
    p999: float
    count: int

    @classmethod
    def of(cls, sample_us: Sequence[float]) -> Spread:
        ordered = sorted(sample_us)

        def at(share: float) -> float:
            return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

        return cls(at(0.5), at(0.99), at(0.999), len(ordered))

    def __str__(self) -> str:
        return f"{self.p50:,.0f} / {self.p99:,.0f} / {self.p999:,.0f} us"
