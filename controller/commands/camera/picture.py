"""The file of what a camera sees, for ``unlocked camera watch --picture``. Never here: drawing it."""

from __future__ import annotations

import os
from pathlib import Path

import cv2

from controller.footage.set_up_picture import Drawing

SUFFIXES = (".png", ".jpg", ".jpeg")


def save(file: Path, drawn: Drawing) -> None:
    """Whole or not at all, and for its owner alone. file: of one of SUFFIXES. Raises OSError."""
    encoded = cv2.imencode(file.suffix.lower(), drawn)[1].tobytes()
    new = file.with_name(f".{file.name}.part")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as opened:
        opened.write(encoded)
    new.replace(file)
