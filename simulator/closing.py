"""What a simulated device is in a ``with`` block: there from construction, gone at its end."""

from __future__ import annotations

from typing import Self


class Closing:
    """``with`` ends it by its ``close``, whatever happened."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        raise NotImplementedError
