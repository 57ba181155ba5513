"""When the branch is staffed and when it is open unstaffed: the ``[hours]`` tables."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from controller.settings.section import Section

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PERIOD = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


def minutes_of(period: str) -> tuple[int, int]:
    """``"08:00-17:30"`` as minutes from midnight, end exclusive; 24:00 is allowed as an end.

    Raises ValueError when it is not such a period or its end is not after its start.
    """
    match = PERIOD.fullmatch(period)
    if not match:
        raise ValueError(f'"{period}" is not a period; write it as "08:00-17:30"')
    hours_from, minutes_from, hours_to, minutes_to = map(int, match.groups())
    start, end = hours_from * 60 + minutes_from, hours_to * 60 + minutes_to
    if max(minutes_from, minutes_to) > 59 or end > 24 * 60 or start >= end:
        raise ValueError(f'"{period}" must start before it ends, within 00:00-24:00')
    return start, end


class Hours(Section):
    """Local times. What is in neither table is closed."""

    staffed: dict[Weekday, tuple[str, ...]] = Field(default_factory=dict)
    unstaffed: dict[Weekday, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        for day in sorted({*self.staffed, *self.unstaffed}):
            periods = sorted(
                (minutes_of(p), p) for p in (*self.staffed.get(day, ()), *self.unstaffed.get(day, ()))
            )
            for (earlier, a), (later, b) in pairwise(periods):
                if later[0] < earlier[1]:
                    raise ValueError(f'on {day} "{a}" and "{b}" overlap; end one where the other begins')
        return self
