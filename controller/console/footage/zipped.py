"""Several files as one ZIP archive, made while it is sent: nothing is written, and nothing is compressed.

Films are compressed already. Never here: who may have which files.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

CHUNK = 256 * 1024


class _Pipe:
    """What the archive is written to. It cannot seek, so that nothing that was sent is changed later."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._parts.append(bytes(content))
        return len(content)

    def flush(self) -> None: ...

    def taken(self) -> bytes:
        """What was written since the last call."""
        taken, self._parts = b"".join(self._parts), []
        return taken


def zipped(files: Sequence[Path]) -> Iterator[bytes]:
    """The archive of these files, by their names alone. Raises OSError."""
    pipe = _Pipe()
    with zipfile.ZipFile(cast("IO[bytes]", pipe), "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            entry = zipfile.ZipInfo.from_file(file, file.name)
            with file.open("rb") as content, archive.open(entry, "w", force_zip64=True) as into:
                while chunk := content.read(CHUNK):
                    into.write(chunk)
                    yield pipe.taken()
    yield pipe.taken()
