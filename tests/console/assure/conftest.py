from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from controller.console.assure.examination import Examination, Examined

LIMIT_S = 60


@pytest.fixture
def after() -> Callable[[Examination], Examined]:
    """How things are when what was begun has ended."""

    def wait(examination: Examination) -> Examined:
        limit = time.monotonic() + LIMIT_S
        while examination.now.began_us is not None:
            assert time.monotonic() < limit
            time.sleep(0.01)
        return examination.now

    return wait
