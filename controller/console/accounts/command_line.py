"""The accounts outside the console: for ``unlocked staff``, beside a console that may be running.

Never here: options and printing (``commands.staff``).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections

from controller.console.web.configure import configure
from controller.settings.model import Settings
from controller.store.engine import DatabaseUnusable


@contextmanager
def opened(settings: Settings, file: Path) -> Iterator[None]:
    """Once a process. Raises DatabaseUnusable, also for what is done meanwhile."""
    if not django_settings.configured:
        # Nothing that a session is signed with is needed here.
        configure(settings, file, secrets.token_urlsafe(64))
    from controller.console.accounts.database import prepare

    try:
        prepare(file)
        yield
    except DatabaseError as error:
        raise DatabaseUnusable(f"{file}: {error}") from error
    finally:
        connections.close_all()


def fault_of_password(typed: str, name: str) -> str | None:
    """What is wrong with it, or None."""
    from django.contrib.auth.password_validation import validate_password

    from controller.console.accounts.models import StaffAccount

    try:
        validate_password(typed, StaffAccount(name=name))
    except ValidationError as error:
        return "; ".join(error.messages)
    return None
