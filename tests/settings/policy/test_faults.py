"""Every mistake in a policy profile is one line: file, key, remedy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from controller.core.hold import Category
from controller.settings.policy.categories import EDGE
from controller.settings.policy.load import PolicyUnusable, load_profile

if TYPE_CHECKING:
    from tests.settings.policy.conftest import ProfileFile

ELSEWHERE = """
[[categories]]
id = "{id}"
what = "something"
held = "{held}"
trigger = "something happens"
rule = {{ {rule} }}
"""
KIND = "categories[customers].rule.kind"
GUESSED = 'assumptions = ["guess"]\n'
DAYS_90, TWO_YEARS = 'kind = "duration", days = 90', 'kind = "duration", years = 2'
DURATION = 'kind = "duration", years = 1'


def customers(rule: str = DURATION, held: str = "elsewhere", added: str = GUESSED) -> str:
    return ELSEWHERE.format(id="customers", held=held, rule=rule) + added


def faults(file: Path) -> list[str]:
    with pytest.raises(PolicyUnusable) as caught:
        load_profile(file)
    return [line.removeprefix(f"{file}: ") for line in str(caught.value).splitlines()]


def test_a_short_profile_is_right(profile_file: ProfileFile) -> None:
    profile = load_profile(profile_file.write(customers()))
    assert profile.category("customers").held == "elsewhere"
    assert profile.assumption("guess").accepted is False
    with pytest.raises(LookupError):
        profile.category("nothing")
    with pytest.raises(LookupError):
        profile.assumption("nothing")


def test_the_controller_keeps_what_holds_can_name() -> None:
    assert {category.value for category in Category} == EDGE


@pytest.mark.parametrize(
    ("added", "key", "remedy"),
    [
        (customers('kind = "forever"'), KIND, '"permanent", "unspecified", not'),
        (
            customers("years = 1"),
            KIND,
            "it is missing; config/policies/worcestershire.toml shows which there are",
        ),
        (customers('kind = "duration"'), "categories[customers].rule", "it lasts for no time"),
        (
            customers('kind = "duration", years = -1'),
            "categories[customers].rule.years",
            "at least 0, not -1",
        ),
        (customers('kind = "duration", year = 1'), "categories[customers].rule.year", "correct its spelling"),
        (customers('kind = "duration", years = 1, then = "keep"'), "rule.then", '"destroy" or "review"'),
        (customers('kind = "immediate", years = 1'), "categories[customers].rule.years", "no such key"),
        (customers('kind = "current_year_plus"'), "categories[customers].rule.years", "it is missing"),
        (customers('kind = "current_year_plus", years = 1'), "(whole file)", "year_basis is missing"),
        (
            customers(added='ceiling = { kind = "current_year_plus", years = 1 }\n' + GUESSED),
            "(whole file)",
            "without it categories[customers] has no dates",
        ),
        (
            customers('kind = "while_then", lasts = "so long"'),
            "categories[customers].rule.after",
            "it is missing",
        ),
        (
            customers('kind = "while_then", lasts = "so long", after = { kind = "permanent" }'),
            "categories[customers].rule.after.kind",
            '"duration", "current_year_plus", not "permanent"',
        ),
        (customers('kind = "window"'), "categories[customers]", 'take kind = "duration"'),
        (customers('kind = "unspecified"'), "categories[customers]", "what the notice lacks"),
        (customers(added='missing = "a period"\n' + GUESSED), "categories[customers]", "goes with missing"),
        (customers(added=""), "categories[customers]", "quote the sentence of the notice, or name an assum"),
        (customers(added='ceiling_trigger = "a day"\n' + GUESSED), "categories[customers]", "remove it"),
        (customers(held="controller"), "categories[customers]", "is for what the controller itself keeps"),
        (customers(held="here"), "categories[customers].held", '"controller" or "elsewhere", not "here"'),
        (customers() + customers(), "(whole file)", '2 categories have id = "customers"'),
        (customers(added='assumptions = ["gues"]\n'), "(whole file)", 'names "gues", which is not there'),
        (
            customers().replace('id = "customers"', 'id = "The customers"'),
            "The customers].id",
            "small letters",
        ),
        (
            customers().replace('what = "something"\n', ""),
            "categories[customers].what",
            "add it (config/policies/worcestershire.toml shows it)",
        ),
        (
            '[[assumptions]]\nid = "b"\ntext = "t"\naccepted_by = "The DPO"\n',
            "assumptions[b]",
            "set both, or neither",
        ),
        (
            '[[assumptions]]\nid = "b"\ntext = "t"\naccepted_on = 2026-11-21\n',
            "assumptions[b]",
            "set both, or neither",
        ),
        (
            '[[assumptions]]\nid = "b"\ntext = "t"\naccepted_by = "x"\naccepted_on = "2026-11-21"\n',
            "assumptions[b].accepted_on",
            "without quotes and time",
        ),
        (
            '[[assumptions]]\nid = "b"\ntext = "t"\naccepted_by = "x"\naccepted_on = 2026-11-21T10:00:00\n',
            "assumptions[b].accepted_on",
            "without quotes and time",
        ),
        ('[[rights]]\nright = "access"\nanswer = "unstated"\n', "(whole file)", '"access" 2 times'),
        ('[[rights]]\nright = "access"\nanswer = "yes"\n', "rights[8]", "quote the sentence that says so"),
        ('[[rights]]\nright = "forgetting"\nanswer = "unstated"\n', "rights[8].right", '"erasure"'),
        ("[holds]\npeople_to_end = 3\n", "holds.people_to_end", "1 or 2, not 3"),
        ("[holds]\ncooling_off_days = 6\n", "holds.cooling_off_days", "at least 7, not 6"),
        ("[holds]\nreview_days = 91\n", "holds.review_days", "at most 90, not 91"),
        ("[identities]\npeople = 0\n", "identities.people", "1 or 2, not 0"),
        ('[[promises]]\nid = "p"\nsentence = "s"\nkeeps = ["magic"]\n', "promises[p].keeps[1]", '"disposal"'),
        (
            '[[promises]]\nid = "p"\nsentence = "s"\nkeeps = []\n',
            "promises[p].keeps",
            "it is empty; name one at least",
        ),
        (
            '[[promises]]\nid = "p"\nsentence = "s"\nkeeps = ["disposal"]\ncategories = ["photos"]\n',
            "(whole file)",
            'promises[p].categories names "photos"',
        ),
        (
            '[[recipients]]\nid = "r"\nwho = "w"\nreasons = []\nsentence = "s"\n',
            "recipients[r].reasons",
            "empty",
        ),
        ("[recipients]\nid = 'r'\n", "recipients", "write [[recipients]], with two brackets"),
        ("[[hold]]\npeople = 1\n", "hold", "there is no such key"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(
    profile_file: ProfileFile, added: str, key: str, remedy: str
) -> None:
    [fault] = faults(profile_file.write(added))
    assert key in fault.split(": ")[0]
    assert remedy in fault


@pytest.mark.parametrize(
    ("category", "rule", "remedy"),
    [
        ("footage", DURATION, '"window", … } or "unspecified"'),
        ("footage", 'kind = "window", min_days = 9', "min_days: it must be at least 10, not 9"),
        ("footage", 'kind = "window", max_days = 31', "max_days: it must be at most 30, not 31"),
        ("footage", 'kind = "window", min_days = 20, max_days = 14', "swap them"),
        ("access_events", 'kind = "permanent"', 'cannot dispose of this by kind = "permanent"'),
        ("access_events", 'kind = "duration", years = 1, then = "review"', "nobody looks at it"),
        ("registers", "", 'no category has id = "registers"'),
    ],
)
def test_what_the_controller_keeps_has_a_rule_that_it_can_keep(
    profile_file: ProfileFile, category: str, rule: str, remedy: str
) -> None:
    [fault] = faults(profile_file.write(**{category: rule}))
    assert remedy in fault


@pytest.mark.parametrize(
    ("rule", "ceiling", "within"),
    [
        (DAYS_90, TWO_YEARS, True),
        (TWO_YEARS, TWO_YEARS, True),
        ('kind = "duration", months = 24', TWO_YEARS, True),
        ('kind = "duration", days = 730', TWO_YEARS, True),
        ('kind = "duration", days = 731', TWO_YEARS, False),
        ('kind = "duration", years = 2, days = 1', TWO_YEARS, False),
        ('kind = "duration", months = 25', TWO_YEARS, False),
        ('kind = "immediate"', 'kind = "immediate"', True),
        (DAYS_90, 'kind = "immediate"', False),
        (DAYS_90, 'kind = "permanent"', True),
        (DAYS_90, 'kind = "while_then", lasts = "so", after = { kind = "duration", days = 90 }', False),
        (TWO_YEARS, 'kind = "current_year_plus", years = 2', False),
        ('kind = "duration", days = 730', 'kind = "current_year_plus", years = 2', True),
        ('kind = "current_year_plus", years = 1', 'kind = "current_year_plus", years = 1', True),
        ('kind = "current_year_plus", years = 2', 'kind = "current_year_plus", years = 1', False),
        ('kind = "current_year_plus", years = 1', TWO_YEARS, False),
        ('kind = "current_year_plus", years = 0', TWO_YEARS, True),
    ],
)
def test_a_ceiling_from_a_day_that_nobody_knows_needs_a_rule_within_it(
    profile_file: ProfileFile, rule: str, ceiling: str, within: bool
) -> None:
    """Whoever was let in was a member on that day, so what is kept as long from then is gone in time."""
    capped = f'}}\nceiling = {{ {ceiling} }}\nceiling_trigger = "another day"\nsentence = "S"\n#'
    file = profile_file.write(top='year_basis = "calendar"\n', access_events=f"{rule} {capped}")
    if within:
        load_profile(file)
    else:
        [fault] = faults(file)
        assert fault.startswith("categories[access_events]: ")
        assert "keep no longer than the ceiling does, which is" in fault


@pytest.mark.parametrize(
    ("top", "remedy"),
    [
        ("review_on = 2027-02-30\n", "it is not TOML"),
        ("review_on = 'soon'\n", "review_on: write it without quotes"),
        ("year_basis = 'tax'\n", 'year_basis: it must be "calendar", "financial" or "school", not "tax"'),
        ("nation = ", "it is not TOML"),
    ],
)
def test_so_is_one_at_the_top(profile_file: ProfileFile, top: str, remedy: str) -> None:
    [fault] = faults(profile_file.write(top=top))
    assert remedy in fault


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    [fault] = faults(tmp_path / "none.toml")
    assert "there is no such file; copy a profile of config/policies to" in fault


def test_a_profile_for_another_country_says_so(profile_file: ProfileFile) -> None:
    file = profile_file.write()
    file.write_text(file.read_text().replace('nation = "ENG"', 'nation = "IRL"'))
    assert faults(file) == ['nation: it must be "ENG", "WLS", "SCT" or "NIR", not "IRL"']
