"""How long what is known of members counts: the ``[membership]`` table."""

from __future__ import annotations

from pydantic import Field

from controller.settings.section import Section

HOUR_US = 3_600_000_000


class MembershipSettings(Section):
    """How old a copy of a membership may be, and how long the door waits for a live answer."""

    membership_max_age_h: int = Field(default=168, ge=1, le=24 * 90)
    live_max_age_h: int = Field(default=24, ge=1, le=24 * 90)
    refresh_after_h: float = Field(default=4, ge=0, le=24 * 90)
    negative_s: int = Field(default=60, ge=0, le=3600)
    live_lookup_ms: int = Field(default=1500, ge=100, le=4_000)

    @property
    def max_age_us(self) -> int:
        return self.membership_max_age_h * HOUR_US

    @property
    def live_max_age_us(self) -> int:
        return self.live_max_age_h * HOUR_US

    @property
    def refresh_after_us(self) -> int:
        return round(self.refresh_after_h * HOUR_US)
