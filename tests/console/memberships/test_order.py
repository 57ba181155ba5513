"""What is typed to hand over a file of memberships."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from controller.console.memberships.order import Checked, File, check
from controller.ipc.membership_commands import Order

LONDON = ZoneInfo("Europe/London")
FILE = File("members.csv", 100)
TYPED = {"day": "22", "month": "7", "year": "2026", "time": "06:30"}


def checked(file: File | None = FILE, signature: bytes | None = None, **typed: str) -> Checked:
    return check(file, signature, {**TYPED, **typed}, LONDON, signed=False, largest_mb=64)


def test_a_local_time_becomes_a_moment() -> None:
    assert checked().order == Order("members.csv", 1_784_698_200_000_000)  # 05:30 UTC
    assert checked(time="6.30").order == checked().order
    assert checked(shrink="yes").order == Order("members.csv", 1_784_698_200_000_000, shrink=True)


def test_a_name_that_says_when_needs_no_time() -> None:
    file = File("members-full-20261122T060000Z.csv", 1)
    assert checked(file, day="", time="").order == Order(file.name)


@pytest.mark.parametrize(
    ("file", "typed", "where"),
    [
        (None, {}, "file"),
        (File("", 5), {}, "file"),
        (File("members.csv", 0), {}, "file"),
        (File("members.csv", 9, too_large=True), {}, "file"),
        (File("a" * 201, 9), {}, "file"),
        (FILE, {"day": ""}, "day"),
        (FILE, {"day": "31", "month": "6"}, "day"),
        (FILE, {"month": "July"}, "day"),
        (FILE, {"year": "26"}, "day"),
        (FILE, {"year": "9999999999999"}, "day"),
        (FILE, {"time": ""}, "time"),
        (FILE, {"time": "24:00"}, "time"),
        (FILE, {"time": "noon"}, "time"),
    ],
)
def test_a_fault_is_told_at_its_box(file: File | None, typed: dict[str, str], where: str) -> None:
    found = checked(file, **typed)
    assert found.order is None
    assert list(found.faults) == [where]


@pytest.mark.parametrize("signature", [None, b"", b"\xff", b"x" * 1025])
def test_where_files_are_signed_a_signature_is_wanted(signature: bytes | None) -> None:
    found = check(FILE, signature, TYPED, LONDON, signed=True, largest_mb=64)
    assert list(found.faults) == ["signature"]


def test_a_signature_goes_with_the_file() -> None:
    found = check(FILE, b"untrusted comment: x\nRW", TYPED, LONDON, signed=True, largest_mb=64)
    assert found.order is not None
    assert found.order.signature == "untrusted comment: x\nRW"
