"""The cast: cards that real rules accept, dates far from today, and no whole number in a repr."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from controller.core.card import CardRules, check_digit_ok, parse_card
from simulator.members import STRANGER, cast, crowd, masked, write_csv

TODAY = date(2024, 2, 29)
RULES = CardRules(14, 14, "digits", "enforce")


def test_every_card_passes_the_strictest_rules_and_is_the_only_one_of_its_number() -> None:
    cards = [m.card for m in [*cast(TODAY).values(), *crowd(1000, TODAY)]] + [STRANGER]
    assert all(check_digit_ok(parse_card(card, RULES)) for card in cards)
    assert len(set(cards)) == len(cards)


def test_nobody_expires_near_today() -> None:
    assert all(abs((member.membership.expires - TODAY).days) > 300 for member in cast(TODAY).values())


def test_a_card_is_shown_by_its_end_alone() -> None:
    member = cast(TODAY)["expired"]
    assert member.card not in repr(member)
    assert masked(member.card) in repr(member)


def test_the_file_has_a_row_a_member(tmp_path: Path) -> None:
    members = cast(TODAY)
    write_csv(tmp_path / "members.csv", members.values())
    with (tmp_path / "members.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["card_number"] for row in rows] == [member.card for member in members.values()]
    assert [row["induction"] for row in rows].count("") == 2
    assert [row["guardian"] for row in rows].count("yes") == 1
    assert [row["status"] for row in rows].count("suspended") == 1
