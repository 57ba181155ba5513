"""A serial device's plug: a pseudo-terminal behind a symbolic link, as in /dev/serial/by-id.

Here: plugging in and pulling out. What travels on the line is for the device that owns the plug.
"""

from __future__ import annotations

import os
import tty
from pathlib import Path


class Plug:
    """Plugged in at ``path`` from construction until ``pull``. far_end: the device's side; None while out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.far_end: int | None = None
        self.put_in()

    def put_in(self) -> None:
        """The device behind the path may be another than before, as with ttyACM numbers."""
        if self.far_end is not None:
            return
        self.far_end, near_end = os.openpty()
        tty.setraw(near_end)
        os.set_blocking(self.far_end, False)
        device = os.ttyname(near_end)
        # A near end kept open here would go on taking bytes when whoever reads the port has closed it.
        os.close(near_end)
        self.path.symlink_to(device)

    def pull(self) -> None:
        """Whoever has the port open gets an error, and the path is gone."""
        if self.far_end is not None:
            self.path.unlink(missing_ok=True)
            os.close(self.far_end)
            self.far_end = None
