"""The library management system: does it answer? It is asked now, about no card."""

from __future__ import annotations

import time
from collections.abc import Iterator

from controller.console.today.systems_shown import TROUBLES
from controller.core.states.memberships import MembershipsState
from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, ok, unknown
from controller.membership.lms.source import LmsUnavailable
from controller.membership.sip2.dialect import BadDialect
from controller.membership.systems import live_source
from controller.secrets import credentials
from controller.secrets.credentials import SecretMissing
from controller.settings.lms import Lms

PART = "lms"
MORE = "`unlocked lms status` asks it and says more; docs/lms.md has what to do"


def look(context: Context) -> Iterator[Finding]:
    lms = context.settings.lms
    if lms is None:
        yield ok(PART, "none is asked live: cards are checked against the imported memberships")
        return
    answers = _asked(context, lms)
    yield answers
    state = context.journals["membership"].one(MembershipsState)
    if state.lms == "lost":
        more = MORE
        if answers == _answers(lms):
            more = "it answers us: see what the units let that service reach (systemd/lms.conf.example)"
        yield fault(
            PART,
            f"the membership service does not reach it: {TROUBLES.get(state.reason, state.reason)}",
            more,
        )
    elif state.lms == "unusable":
        yield fault(PART, "its answers are not enough to count", "`unlocked lms probe` says what is missing")


def _answers(lms: Lms) -> Finding:
    return ok(PART, f"{_where(lms)} answers")


def _asked(context: Context, lms: Lms) -> Finding:
    context.told("asking the library management system")
    try:
        source = live_source(lms, lambda name: credentials.read(name, context.paths.secrets), time.monotonic)
    except SecretMissing as error:
        return unknown(PART, f"{_where(lms)} cannot be asked: {error}")
    except BadDialect as error:
        return fault(PART, str(error), MORE)
    try:
        source.check()
    except LmsUnavailable as error:
        return fault(
            PART,
            f"{_where(lms)} does not answer: {TROUBLES.get(error.trouble.value, error.trouble.value)}",
            MORE,
        )
    finally:
        source.close()
    return _answers(lms)


def _where(lms: Lms) -> str:
    if lms.sip2 is not None:
        return f"{lms.sip2.host}:{lms.sip2.port}"
    assert lms.koha is not None  # the settings have one of them
    return lms.koha.url
