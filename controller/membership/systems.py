"""The library management system that the settings name, as a live source. Nothing is connected yet."""

from __future__ import annotations

from collections.abc import Callable

from controller.membership.lms.facts import ReadingRules
from controller.membership.lms.source import LiveSource
from controller.membership.sip2.source import sip2_source
from controller.secrets.credentials import LMS_CLIENT_SECRET, Secret
from controller.settings.lms import Lms


def live_source(lms: Lms, secret: Callable[[str], Secret], monotonic: Callable[[], float]) -> LiveSource:
    """secret: by name. monotonic: seconds of a clock that never steps. Raises BadDialect, SecretMissing."""
    if lms.sip2 is not None:
        return sip2_source(lms, lms.sip2, secret, monotonic)
    assert lms.koha is not None  # the settings have one of them
    # Only here, so that a branch without Koha does without its library for HTTP.
    from controller.membership.koha.source import KohaSource

    rules = ReadingRules.of(lms)
    return KohaSource(lms.koha, secret(LMS_CLIENT_SECRET), rules, lms.timeout_s, monotonic)
