"""Files that are made unseen, and appear together once all of them are whole and may be seen.

Beside where they are to be, as ``.NAME.part``, readable by their owner alone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from controller.disk import sync_folder


class ExportError(Exception):
    """It cannot be written, or not be read. The message says what to do."""


ENDINGS = (signal.SIGTERM, signal.SIGHUP)
"""Whoever logs out or shuts down would leave a copy of footage behind that nobody knows of."""


class Staging:
    """A context: whatever was not published is gone at its end, by one of ENDINGS too. Raises ExportError."""

    def __init__(self) -> None:
        self._files: list[Path] = []
        self._handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for ending in ENDINGS:
                if signal.getsignal(ending) is not signal.SIG_IGN:  # as nohup has it
                    self._handlers[ending] = signal.signal(ending, _end)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for file in self._files:
            hidden(file).unlink(missing_ok=True)
        for ending, handler in self._handlers.items():
            signal.signal(ending, handler)

    def free(self, file: Path) -> None:
        """Whether this name can be had. Raises ExportError."""
        try:
            if file.exists():
                raise ExportError(f"{file} exists already; choose another name")
            hidden(file).unlink(missing_ok=True)  # of a run that was killed
        except OSError as error:
            raise ExportError(f"{file}: {error.strerror}") from error

    def add(self, file: Path) -> Path:
        """Begin the file that is to be ``file``: the empty one to write to."""
        self.free(file)
        try:
            os.close(os.open(hidden(file), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise ExportError(f"{file}: {error.strerror}") from error
        self._files.append(file)
        return hidden(file)

    def publish(self) -> None:
        """Make all of them durable and seen; what was begun last appears first."""
        try:
            for file in self._files:
                _sync(hidden(file))
            for file in reversed(self._files):
                hidden(file).rename(file)
            for folder in {file.parent for file in self._files}:
                sync_folder(folder)
        except OSError as error:
            raise ExportError(f"{file}: {error.strerror}") from error


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def hidden(file: Path) -> Path:
    """What the file is called until it is published."""
    return file.with_name(f".{file.name}.part")


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
