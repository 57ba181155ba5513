"""The figures of logging in: how often somebody may try, how long they stay.

Never here: anything of Django, whose settings are made of these.
"""

from __future__ import annotations

from datetime import timedelta

HOURS = 12
"""How long a session lasts at most: a shift, with what comes before and after."""
TRIES = 10
WAIT = timedelta(minutes=15)
"""After so many failures of one account from one address."""
HOURLY_OF_ACCOUNT = 60
HOURLY_OF_ADDRESS = 120
HOURLY_OF_STRANGERS = 120
"""So many refused log-ins with names that are no account's are journalled, from all addresses together."""
KEPT = timedelta(days=1)
"""Addresses and names of those who failed."""

AXES: dict[str, object] = {
    "AXES_FAILURE_LIMIT": TRIES,
    "AXES_COOLOFF_TIME": WAIT,
    "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
    "AXES_USERNAME_CALLABLE": "controller.console.accounts.throttle.counted_as",
    "AXES_RESET_ON_SUCCESS": True,
    # Else whoever goes on trying would keep its owner out for ever.
    "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
    "AXES_ENABLE_ACCESS_FAILURE_LOG": True,
    # Who logged in is in the journal.
    "AXES_DISABLE_ACCESS_LOG": True,
    "AXES_USERNAME_FORM_FIELD": "username",
    "AXES_SENSITIVE_PARAMETERS": [
        "name",
        "username",
        "password",
        "ip_address",
        "next",
        "csrfmiddlewaretoken",
    ],
    "AXES_VERBOSE": False,
    "AXES_ENABLE_ADMIN": False,
}
"""Settings of django-axes."""
