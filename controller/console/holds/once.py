"""What is sent twice is done once: a button that is pressed twice, a page that is sent again.

Remembered by this process alone, and not for ever: it spares people a second hold, and promises nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
REMEMBERED = 200


class Once(Generic[T]):
    """For any number of threads, one act at a time."""

    def __init__(self) -> None:
        self._one = threading.Lock()
        self._done: OrderedDict[tuple[str, str], T] = OrderedDict()

    def do(self, account: str, form: str, act: Callable[[], T]) -> T:
        """form: which copy of the form it is; empty: nobody knows. What raises was not done."""
        key = (account, form)
        with self._one:
            if form and key in self._done:
                return self._done[key]
            done = self._done[key] = act()
            while len(self._done) > REMEMBERED:
                self._done.popitem(last=False)
            return done
