"""Where the bytes of recorded footage are read: to check, to finish, to join, to show.

Everything that wants to know what a segment holds comes through ``opened``, as everything that is recorded
goes out through ``segment_writer``. What is one day to lie between footage and disk, such as encryption, has
its place in these two. Never here: which footage may be read, and by whom.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

import av
import av.container


@contextmanager
def opened(file: Path) -> Iterator[BufferedReader]:
    """The bytes as they were recorded; it can be sought in. Raises OSError."""
    with file.open("rb") as content:
        yield content


def digest(content: BufferedReader) -> bytes:
    """SHA-256 from the beginning to the end. What was opened once is then still the same file to be shown."""
    content.seek(0)
    return hashlib.file_digest(content, "sha256").digest()


@contextmanager
def film(content: BufferedReader) -> Iterator[av.container.InputContainer]:
    """What was opened, as video from its beginning. Raises OSError, av.FFmpegError."""
    content.seek(0)
    # A flipped bit in a file's remarks makes them no text.
    with av.open(content, "r", format="mp4", metadata_errors="replace") as container:
        yield container
