"""What is typed to hand over a file of memberships, checked: each fault a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from controller.ipc.membership_commands import LONGEST_NAME, LONGEST_SIGNATURE, Order

NAMED = re.compile(r".*-(full|delta)-[0-9][A-Za-z0-9_-]*\.(csv|jsonl)")
"""It says when it was true; the membership service reads that."""
HOUR = re.compile(r"(\d{1,2})[:.]?(\d{2})")
EARLIEST_YEAR = 2000
REMEDIES = ("shrink", "older")


@dataclass(frozen=True, slots=True)
class File:
    """What was sent. size: bytes; 0 for an empty one. too_large: more than the console takes."""

    name: str
    size: int
    too_large: bool = False


@dataclass(slots=True)
class Checked:
    """order: None if there are faults, each under the name of its box."""

    order: Order | None = None
    faults: dict[str, str] = field(default_factory=dict)


def check(
    file: File | None,
    signature: bytes | None,
    typed: Mapping[str, str],
    zone: tzinfo,
    *,
    signed: bool,
    largest_mb: int,
) -> Checked:
    """typed: day, month, year and time, local, and shrink or older where these were ticked.

    signed: the branch takes no file without a signature.
    """
    checked = Checked()
    name = "" if file is None else file.name
    if file is None or not name:
        checked.faults["file"] = "Choose the file that the library management system has written"
    elif file.too_large:
        checked.faults["file"] = (
            f"The file has more than {largest_mb} MB; import it on the machine itself, or through the feed"
        )
    elif not file.size:
        checked.faults["file"] = "The file is empty; choose another"
    elif len(name) > LONGEST_NAME or not name.isprintable():
        checked.faults["file"] = "The name of the file is too long or cannot be printed; rename it"
    text = _signature(signature, checked, signed=signed)
    as_of_us = None if NAMED.fullmatch(name) else _moment(typed, zone, checked)
    if not checked.faults:
        ticked = {remedy: typed.get(remedy) == "yes" for remedy in REMEDIES}
        checked.order = Order(name, as_of_us, text, ticked["shrink"], ticked["older"])
    return checked


def _signature(found: bytes | None, checked: Checked, *, signed: bool) -> str:
    if found is None:
        if signed:
            checked.faults["signature"] = "Choose the signature of the file: its name ends in .minisig"
        return ""
    try:
        text = found.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) > LONGEST_SIGNATURE:
        checked.faults["signature"] = "That is no signature; choose the file whose name ends in .minisig"
    return text


def _moment(typed: Mapping[str, str], zone: tzinfo, checked: Checked) -> int | None:
    """Microseconds since 1970 UTC. Of an hour that comes twice the first."""
    boxes = [typed.get(name, "").strip() for name in ("day", "month", "year")]
    if not all(boxes):
        checked.faults["day"] = "Enter the day on which the file was written: its name does not tell"
        return None
    time = HOUR.fullmatch(typed.get("time", "").strip())
    if time is None or int(time[1]) > 23 or int(time[2]) > 59:
        checked.faults["time"] = "Enter the time at which the file was written, such as 06:30"
        return None
    try:
        day, month, year = map(int, boxes)
        at = datetime(max(year, EARLIEST_YEAR), month, day, int(time[1]), int(time[2]), tzinfo=zone)
    except (ValueError, OverflowError):
        year = 0
    if year < EARLIEST_YEAR:
        checked.faults["day"] = "Enter a day that there is, with the year in four digits, such as 21 11 2026"
        return None
    return int(at.timestamp()) * 1_000_000
