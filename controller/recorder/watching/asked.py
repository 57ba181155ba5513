"""What staff asked for on the command line: that what a camera usually shows and sends is learnt anew.

They say so in the console's journal (``unlocked camera reference``). Never here: learning (``health``).
"""

from __future__ import annotations

from collections.abc import Mapping

from controller.core.event import EventType
from controller.recorder.watching.health import HealthWatch
from controller.store.journal_reader import JournalMissing, JournalReader
from controller.store.known_cameras import KnownCameras


class Asked:
    """Used by the acting thread. healths: by camera id."""

    def __init__(
        self, console: JournalReader, known: KnownCameras, healths: Mapping[str, HealthWatch]
    ) -> None:
        self._console = console
        self._known = known
        self._healths = healths
        self._unread = True

    def look(self) -> None:
        """Forget what somebody asked to be forgotten since the last look. Raises DatabaseUnusable."""
        try:
            self._unread |= self._console.changed()
            if not self._unread:
                return
            for camera, health in self._healths.items():
                asked = self._console.last(EventType.CAMERA_REFERENCE_ASKED, subject=camera)
                if asked is not None and self._known.forget(camera, asked.id):
                    health.forget(asked.id)
            self._unread = False
        except JournalMissing:
            return  # staff have not done anything yet
