"""Cards that the library management system does not know: in memory, for a short while, and nowhere else."""

from __future__ import annotations

REMEMBERED = 1_000


class Strangers:
    """Known by their references. Times are microseconds of one clock that never steps."""

    def __init__(self, for_us: int) -> None:
        self._for_us = for_us
        self._until_us: dict[bytes, int] = {}

    def add(self, member_ref: bytes, now_us: int) -> None:
        """When there are too many of them, the oldest is forgotten."""
        self._until_us.pop(member_ref, None)
        while self._until_us and (
            len(self._until_us) >= REMEMBERED or next(iter(self._until_us.values())) <= now_us
        ):
            del self._until_us[next(iter(self._until_us))]
        self._until_us[member_ref] = now_us + self._for_us

    def remove(self, member_ref: bytes) -> None:
        self._until_us.pop(member_ref, None)

    def has(self, member_ref: bytes, now_us: int) -> bool:
        return self._until_us.get(member_ref, now_us) > now_us
