"""What signs the cookies of the staff pages: made at the first start, beside their database.

Losing it logs everybody out and does no other harm.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

LENGTH = 64
"""Characters, of six bits each."""


def secret_key(file: Path) -> str:
    """Its content; made if it is not there. Raises OSError."""
    try:
        found = file.read_text()
    except FileNotFoundError:
        found = ""
    if len(found) >= LENGTH:
        return found
    made = secrets.token_urlsafe(LENGTH)
    new = file.with_name(f".{file.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(made)
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
    return made
