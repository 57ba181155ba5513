"""The page as HTML: one file that needs nothing else, to be read, printed and kept.

Every value is escaped. Never here: what it says (``collecting``).
"""

from __future__ import annotations

from datetime import tzinfo

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

from controller.assurance import words
from controller.assurance.report import Report, State

STATES = {
    State.KEPT: "Kept",
    State.NOT_KEPT: "Not kept",
    State.UNPROVED: "Not proved",
    State.ELSEWHERE: "Elsewhere",
}


def render(report: Report, zone: tzinfo) -> str:
    """zone: of the branch."""
    environment = Environment(
        loader=PrefixLoader(
            {
                "assurance": PackageLoader("controller.assurance"),
                "notice": PackageLoader("controller.notice"),
            }
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["moment"] = lambda us: words.moment(us, zone)
    environment.filters["number"] = lambda count: f"{count:,}"
    environment.filters["first"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["state"] = lambda state: STATES[state]
    return environment.get_template("assurance/assurance.html.j2").render(report=report)
