"""Where the bytes of recorded footage are read: to check, to finish, to join, to show.

Everything that wants to know what a segment holds comes through ``opened``, as everything that is recorded
goes out through the recorder's ``segment_writer``. What is one day to lie between footage and disk, such as
encryption, has its place in these two. Never here: which footage may be read, and by whom; and what its bytes
mean (``video``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path


@contextmanager
def opened(file: Path) -> Iterator[BufferedReader]:
    """The bytes as they were recorded; it can be sought in. Raises OSError."""
    with file.open("rb") as content:
        yield content


def digest(content: BufferedReader) -> bytes:
    """SHA-256 from the beginning to the end. What was opened once is then still the same file to be shown."""
    content.seek(0)
    return hashlib.file_digest(content, "sha256").digest()
