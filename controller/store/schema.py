"""The tables as queries name them. What a column means and allows is said in ``migrations``."""

from __future__ import annotations

from sqlalchemy import TableClause, column, table


def _table(name: str, columns: str) -> TableClause:
    return table(name, *map(column, columns.split()))


# A journal
journal = _table("journal", "one id service")
chain = _table("chain", "seq leaf head")
event = _table("event", "seq id type wall_us mono_us boot_id clock_trusted subject data")
sealed = _table("sealed", "seq field key_id box")

# members.db
membership_set = _table("membership_set", "id as_of_us key_id members")
current_set = _table("current_set", "one set_id")
membership = _table("membership", "set_id member_ref status enrolled expires category")
