"""Ticks of ``devices.TICKS_PER_S``, in which pictures are stamped, to microseconds and back."""

from __future__ import annotations


def ticks(us: int) -> int:
    return us * 9 // 100


def microseconds(ticks: int) -> int:
    return ticks * 100 // 9
