"""How often somebody may try to log in.

django-axes counts failures of an account from one address: ``limits.TRIES`` of them, then it is told to wait.
This module adds two limits an hour: of an account from wherever (the tries of a hundred machines count
together), and of an address for whatever accounts. Whoever waits is told so before any password is looked at,
with the same words for accounts that do not exist. Never here: what is told and journalled (``login``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from controller.console.accounts.limits import (
    HOURLY_OF_ACCOUNT,
    HOURLY_OF_ADDRESS,
    HOURLY_OF_STRANGERS,
    KEPT,
)
from controller.console.accounts.models import StaffAccount

AN_HOUR = timedelta(hours=1)
UNKNOWN = "?"


def counted_as(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """For django-axes: the name by which failures are counted.

    What is no account's name may be somebody's password, typed into the wrong field: it is kept as a digest
    only.
    """
    del request
    name = str((credentials or {}).get("username") or "")
    if StaffAccount.objects.filter(name=name).exists():
        return name
    return UNKNOWN + salted_hmac("controller.console.accounts.throttle", name).hexdigest()[:20]


class HourlyLimits(BaseBackend):
    """Knows nobody; refuses before the others are asked."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Raises PermissionDenied, and marks the request as django-axes does."""
        if request is None:
            return
        since = timezone.now() - AN_HOUR
        failures = AccessFailureLog.objects.filter(attempt_time__gt=since)
        name, address = counted_as(request, credentials), request.META.get("REMOTE_ADDR")
        if (
            failures.filter(username=name).count() >= HOURLY_OF_ACCOUNT
            or failures.filter(ip_address=address).count() >= HOURLY_OF_ADDRESS
        ):
            request.axes_locked_out = True  # type: ignore[attr-defined]
            raise PermissionDenied


def too_many_strangers() -> bool:
    """Whether names that are no account's were tried so often lately that the journal has enough of them."""
    since = timezone.now() - AN_HOUR
    tried = AccessFailureLog.objects.filter(attempt_time__gt=since, username__startswith=UNKNOWN)
    return bool(tried.count() > HOURLY_OF_STRANGERS)


def must_wait(request: HttpRequest) -> bool:
    """Whether the try that was just made with this request was not looked at, or is the last one for now."""
    return bool(getattr(request, "axes_locked_out", False))


def forgive(name: str) -> None:
    """Let somebody try again: a supervisor has given them another password."""
    AccessAttempt.objects.filter(username=name).delete()
    AccessFailureLog.objects.filter(username=name).delete()


def tidy() -> None:
    """Addresses and names are kept for a day."""
    before = timezone.now() - KEPT
    AccessAttempt.objects.filter(attempt_time__lt=before).delete()
    AccessFailureLog.objects.filter(attempt_time__lt=before).delete()
