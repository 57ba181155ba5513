"""Lines of the record as CSV.

A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection). Never
here: which lines.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import tzinfo
from io import StringIO

from controller.console.audit.record import Line, moment_of, shown

COLUMNS = ("number", "time", "clock trusted", "account", "where", "what", "need", "reason", "details")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(lines: Iterable[Line], zone: tzinfo) -> str:
    text, moment = StringIO(), moment_of(zone)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for one in lines:
        details = "; ".join(shown(each, moment) for each in one.details)
        row = (one.account, one.where, one.what, one.need, one.reason, details)
        trusted = "yes" if one.clock_trusted else "no"
        writer.writerow((one.seq, moment(one.at_us), trusted, *map(harmless, row)))
    return text.getvalue()


def harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
