"""A sound through a loudspeaker, played by ``aplay`` of Debian's alsa-utils.

On a thread of its own: to start a program can take a slow card a while, and nobody waits for it. What is
still heard after LIMIT_S is ended. Never here: when something is played, and what.
"""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

LIMIT_S = 55.0
"""Less than a minute: announcements are a minute apart at least, and none begins while another is heard."""
CLOSE_S = 2.0


class SoundPlayer:
    """A ``controller.devices.Sound``. Touches neither the file nor a device before the first ``play``."""

    def __init__(self, file: Path, limit_s: float = LIMIT_S) -> None:
        self._command = ["aplay", "-q", "--", str(file)]
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self.failure: str | None = None

    def play(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            begun = threading.Thread(target=self._play, name="sound", daemon=True)
            try:
                begun.start()
            except RuntimeError as error:  # this machine has no thread left; the door goes on
                self.failure = f"aplay cannot be started: {error}"
            else:
                self._thread = begun

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()
        if self._thread is not None:
            self._thread.join(CLOSE_S)

    def _play(self) -> None:
        try:
            with self._lock:
                if self._closed:
                    return
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                    errors="replace",
                )
        except OSError as error:
            self.failure = f"aplay cannot be started: {error.strerror}; install alsa-utils"
            return
        self.failure = self._outcome(self._process)
        with self._lock:
            self._process = None

    def _outcome(self, process: subprocess.Popen[str]) -> str | None:
        try:
            _, complaint = process.communicate(timeout=self._limit_s)
        except subprocess.TimeoutExpired:
            # Said at once: a sound card that hangs in the kernel keeps aplay from ending.
            self.failure = why = f"aplay was still playing after {self._limit_s:g} s"
            process.kill()
            process.communicate()
            return why
        if process.returncode and not self._closed:
            return complaint.strip().rpartition("\n")[2] or f"aplay ended with {process.returncode}"
        return None
