"""Asking for work on pictures: each job is done by a process of its own, which gets only spare time.

Never here: decoders, and how many jobs there may be at a time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from tempfile import TemporaryFile

from controller.footage.export.wanted import Exported
from controller.footage.worker.job import (
    LONGEST_LINE,
    FilmJob,
    Progress,
    StillJob,
    dump_job,
    parse_answer,
)

STILL_S = 60
"""Seconds after which a picture is not waited for any more."""
PROGRAM = "controller.footage.worker.process"


class WorkFailed(Exception):
    """There will be no film or picture. The message is for people."""


class Work:
    """One job. ``cancel`` may be called on any thread, all else on one."""

    def __init__(self, job: StillJob | FilmJob) -> None:
        """Raises WorkFailed."""
        self._said = TemporaryFile()  # noqa: SIM115 -- it is closed with the process
        # No secret is any business of what decodes whatever a camera sent.
        handed_on = {name: value for name, value in os.environ.items() if name != "CREDENTIALS_DIRECTORY"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env=handed_on,
            )
        except OSError as error:
            raise WorkFailed(
                f"the process that works on pictures cannot be started: {error.strerror}"
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self.cancelled = False
        try:
            self._input.write(dump_job(job))
            self._input.flush()  # and is left open: its end is the end of the process
        except OSError as error:
            raise self._failure() from error

    def picture(self) -> bytes:
        """A PNG or, to set up a camera by, a JPEG. Raises WorkFailed."""
        timer = threading.Timer(STILL_S, self.cancel)
        timer.start()
        try:
            found = self._output.read()
        finally:
            timer.cancel()
        if self._process.wait() or not found:
            raise self._failure()
        self._end()
        return found

    def films(self, told: Callable[[Progress], None], longest_s: float | None = None) -> Exported:
        """Raises WorkFailed, also after ``cancel``, and after so many seconds. told: is called meanwhile."""
        timer = threading.Timer(longest_s, self.cancel) if longest_s is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            return self._films(told)
        finally:
            if timer is not None:
                timer.cancel()

    def _films(self, told: Callable[[Progress], None]) -> Exported:
        exported: Exported | None = None
        try:
            while line := self._output.readline(LONGEST_LINE):
                answer = parse_answer(line)
                if isinstance(answer, Progress):
                    told(answer)
                elif isinstance(answer, Exported):
                    exported = answer
        except ValueError:
            exported = None
        if exported is None:
            raise self._failure()
        self._end()
        return exported

    def cancel(self) -> None:
        """It is of no use any more. The process cleans up behind itself."""
        self.cancelled = True
        self._process.terminate()

    def _failure(self) -> WorkFailed:
        if self._process.poll() is None:
            self._process.terminate()
        code = self._process.wait()
        self._said.seek(0)
        last = self._said.read().strip().rpartition(b"\n")[2]
        self._end()
        if self.cancelled:
            return WorkFailed("it was stopped, or took too long")
        try:
            answer = parse_answer(last)
        except (ValueError, LookupError, TypeError):
            answer = last.decode(errors="replace")
        return WorkFailed(str(answer) or f"the process that works on pictures ended with {code}")

    def _end(self) -> None:
        for stream in (self._input, self._output, self._said):
            try:
                stream.close()
            except OSError:
                continue
        self._process.wait()
