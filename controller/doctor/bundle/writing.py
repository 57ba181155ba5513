"""Writes a support bundle: a zip of texts, readable by whoever made it alone, over no file that is there."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from controller.doctor.bundle.contents import Content

MODE = 0o600


def write(file: Path, contents: Iterable[Content]) -> None:
    """Raises OSError; FileExistsError where there is such a file."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as bundle:
        for one in contents:
            # The time of an entry and its owner say nothing of use.
            entry = ZipInfo(f"unlocked-support/{one.name}")
            entry.compress_type = ZIP_DEFLATED
            bundle.writestr(entry, one.text)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(packed.getvalue())
