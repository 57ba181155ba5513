"""A reader's lease: the right to write what its camera sends, which can be revoked while it hangs.

A camera's library may wait for ever, and no thread can be ended from outside. So the reader holds its lease
whatever it does, but for the moments in which it waits for its camera. Only then can it be revoked, and when
the reader comes back, if ever, it finds that out before it can write or tell anything.
Never here: how long is too long (``reader_watch``).
"""

from __future__ import annotations

import threading

from controller.devices import Camera


class LeftBehind(Exception):
    """The lease was revoked: write nothing, tell nothing, let go of the camera and end."""


class Lease:
    """``with lease:`` around whatever may hang; at its end LeftBehind is raised if it was revoked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._revoked = False
        self.beats = 0
        """Rises whenever a wait begins or ends."""

    def begin(self) -> None:
        self._lock.acquire()

    def __enter__(self) -> None:
        self.beats += 1
        self._lock.release()

    def __exit__(self, *_: object) -> None:
        self._lock.acquire()
        self.beats += 1
        if self._revoked:
            raise LeftBehind

    def revoke(self) -> bool:
        """By another thread: False when the reader is not waiting for its camera."""
        if not self._lock.acquire(blocking=False):
            return False
        self._revoked = True
        self._lock.release()
        return True


def close_aside(camera: Camera, name: str) -> None:
    """Closing can hang as well: on a thread of its own, named after whose it is."""
    threading.Thread(target=camera.close, name=f"{name}, closing", daemon=True).start()
