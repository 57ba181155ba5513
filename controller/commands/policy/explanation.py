"""What ``unlocked policy explain`` says of one thing, for people and for programs.

Never here: what was asked, and the arithmetic.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from controller.core.retention.due import Answer
    from controller.settings.policy.answer import Told
    from controller.settings.policy.profile import Profile

WIDTH = 100
"""Characters of a line."""


def as_data(profile: Profile, told: Told, when: str) -> dict[str, object]:
    of = told.category
    return {
        "profile": profile.id,
        "sha256": profile.sha256,
        "category": of.id,
        "held": of.held,
        "trigger": of.trigger,
        "on": when,
        "by": told.by,
        **_answer_data(told.due),
        "rule": {**of.rule.model_dump(mode="json"), **_answer_data(told.rule)},
        "ceiling": None
        if of.ceiling is None or told.ceiling is None
        else {
            **of.ceiling.model_dump(mode="json"),
            **_answer_data(told.ceiling),
            "trigger": of.ceiling_trigger or of.trigger,
        },
        "sentence": of.sentence or None,
        "missing": of.missing,
        "notice": profile.notice.source,
        "assumptions": [
            {"id": each.id, "text": each.text, "accepted": each.accepted}
            for each in map(profile.assumption, of.assumptions)
        ],
    }


def _answer_data(answer: Answer) -> dict[str, object]:
    from controller.core.retention.due import Due

    if not isinstance(answer, Due):
        return {"due": answer.value}
    return {
        "due": "from",
        "retained_through": answer.retained_through.isoformat(),
        "due_on": answer.due_on.isoformat(),
        "due_us": answer.due_us,
        "gone_by_us": answer.gone_by_us,
        "then": answer.then.value,
    }


UNDATED = {
    "waiting": "not before {trigger}: it has not happened",
    "unknown": "not known: no period is set",
    "never": "never: it is kept for good",
}


def in_words(profile: Profile, told: Told, when: str, zone: ZoneInfo) -> list[str]:
    of = told.category
    basis = f" ({profile.year_basis} year)" if of.uses_years and profile.year_basis else ""
    lines = [f"{of.id}: {of.what}", _line("counted from", f"{of.trigger}, {when}")]
    lines.append(_line("rule", f"{of.rule.kind}: {of.rule.in_words}{basis}"))
    if of.ceiling is not None and told.ceiling is not None:
        since = of.ceiling_trigger or of.trigger
        lines.append(_line("ceiling", f"{of.ceiling.kind}: {of.ceiling.in_words}, from {since}"))
        lines.append(_line("", f"by it {_short(told.ceiling, since, zone)}; the earlier counts"))
    lines += _dates(told, zone)
    if of.missing is not None:
        lines.append(_line("not said", of.missing))
    if of.sentence:
        lines.append(_line("sentence", f"“{of.sentence}”"))
    lines.append(_line("notice", profile.notice.source))
    for each in map(profile.assumption, of.assumptions):
        lines.append(_line("assumption", f"{each.id} ({each.in_words}): {each.text}"))
    return lines


def _dates(told: Told, zone: ZoneInfo) -> list[str]:
    from controller.commands import when
    from controller.core.retention.due import Due
    from controller.core.retention.rules import Then

    answer, of = told.due, told.category
    if not isinstance(answer, Due):
        return [_line("due", UNDATED[answer.value].format(trigger=of.trigger))]
    lines = [
        _line("kept through", f"{answer.retained_through}"),
        _line("due from", f"{when.shown(answer.due_us, zone)}, by the {told.by}"),
    ]
    if answer.then is Then.REVIEW:
        lines.append(_line("then", "somebody looks at it, and decides what is kept without names"))
    elif of.held == "controller":
        lines.append(
            _line("destroyed", "by the controller, within the hour, unless it is held or restricted")
        )
    else:
        lines.append(_line("destroyed", "by the authority, which keeps it elsewhere"))
    if answer.gone_by_us is not None:
        lines.append(_line("gone by", when.shown(answer.gone_by_us, zone)))
    if while_ := getattr(of.rule, "review_while", None):
        lines.append(_line("unless", f"{while_}: then somebody looks at it"))
    return lines


def _short(answer: Answer, since: str, zone: ZoneInfo) -> str:
    from controller.commands import when
    from controller.core.retention.due import Due

    if isinstance(answer, Due):
        return f"due from {when.shown(answer.due_us, zone)}"
    return UNDATED[answer.value].format(trigger=since)


def _line(name: str, text: str) -> str:
    head = f"  {name + ':' if name else '':15}"
    return textwrap.fill(text, WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def in_brief(told: Told, when: str, zone: ZoneInfo) -> list[str]:
    """A thing among others: its dates and the sentence."""
    from controller.core.retention.due import Due

    of, due = told.category, told.due
    if isinstance(due, Due):
        dates = f"kept through {due.retained_through}, due from {_short_moment(due.due_us, zone)}"
        if told.by == "ceiling":
            dates += ", by the ceiling"
        if due.then.value == "review":
            dates += ", for somebody to look at"
    else:
        dates = UNDATED[due.value].format(trigger=of.trigger)
    why = f"not said: {of.missing}" if of.missing else f"“{of.sentence}”" if of.sentence else ""
    why = why or f"no sentence: {', '.join(of.assumptions)}"
    return [
        *textwrap.wrap(f"{of.id} ({of.trigger}, {when}): {dates}", WIDTH, subsequent_indent="    "),
        *textwrap.wrap(why, WIDTH, initial_indent="    ", subsequent_indent="    "),
    ]


def _short_moment(us: int, zone: ZoneInfo) -> str:
    from controller.commands import when

    return when.shown(us, zone).removesuffix(" 00:00:00")
