"""Who has a role at the branch: accounts of the machine, in branch.toml, and accounts of the console.

The console's are read from its database as they stand there, since the page must not load what serves pages.
Never here: passwords.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import quote

from controller.assurance.sources import Sources
from controller.settings.staff import NEED_TRAINING, Role
from controller.store.engine import DatabaseUnusable

_ACTIVE = "SELECT name, roles_held, trained_until FROM staff_account WHERE is_active"
BUSY_S = 5


@dataclass(frozen=True, slots=True)
class Known:
    """name: two accounts that have the same are one person's."""

    name: str
    roles: frozenset[Role]
    trained_until: date | None

    def is_trained(self, today: date) -> bool:
        return self.trained_until is not None and self.trained_until >= today

    def has_lapsed(self, today: date) -> bool:
        """A role of it counts no longer."""
        return bool(self.roles & NEED_TRAINING) and not self.is_trained(today)


def accounts(sources: Sources) -> list[Known]:
    """Those that may log in. Raises DatabaseUnusable."""
    machine = [Known(one.account, one.roles, one.trained_until) for one in sources.settings.staff]
    return [*machine, *_of_console(sources.paths.console)]


def names(found: Iterable[Known]) -> list[str]:
    """Each person once."""
    return sorted({one.name for one in found})


def _of_console(database: Path) -> list[Known]:
    try:
        if not database.exists():
            return []
        uri = f"file:{quote(str(database))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_S)) as connection:
            return [_known(*row) for row in connection.execute(_ACTIVE)]
    except (OSError, sqlite3.Error, ValueError) as error:
        raise DatabaseUnusable(f"{database}: {error}") from error


def _known(name: str, roles_held: str, trained_until: str | None) -> Known:
    roles = frozenset(Role(role) for role in json.loads(roles_held))
    return Known(name, roles, date.fromisoformat(trained_until) if trained_until else None)
