"""How soon a swipe is on a page of Today that is open: from the card's last byte to the page's being sent it.

The browser only puts it in its place. The other staff pages are in ``console``.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection

from benchmarks.rows import Row

AIM_MS = 1_000
GAP_S = (0.3, 0.9)
"""Between a swipe and the next, drawn so that nothing falls into step with how often the console looks."""


def rows(port: int, cookie: str, swipe: Callable[[], int], count: int) -> Iterator[Row]:
    """swipe: a card that is let in; returns when it could be read, in nanoseconds of CLOCK_BOOTTIME."""
    took_ms = sorted(_took_ms(port, cookie, swipe, count))
    p50, p95, worst = took_ms[count // 2], took_ms[int(0.95 * count)], took_ms[-1]
    yield Row(
        "a swipe on an open page of Today: p50 / p95 / worst",
        f"{p50:.0f} / {p95:.0f} / {worst:.0f} ms",
        f"worst < {AIM_MS:,} ms",
        worst < AIM_MS,
    )


def _took_ms(port: int, cookie: str, swipe: Callable[[], int], count: int) -> Iterator[float]:
    draw = random.Random(1)
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("GET", "/today/stream/", headers={"Cookie": cookie, "Host": "localhost"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise LookupError(f"the stream of Today answers {answer.status}")
        shown = _shown(iter(answer.readline, b""))
        before = next(shown)
        for _ in range(count):
            time.sleep(draw.uniform(*GAP_S))
            swiped_ns = swipe()
            before = next(latest for latest in shown if latest != before)
            yield (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - swiped_ns) / 1e6


def _shown(lines: Iterator[bytes]) -> Iterator[str]:
    """What has happened at the doors, each time that it is sent anew."""
    for line in lines:
        if line.startswith(b"data: "):
            regions = json.loads(line.removeprefix(b"data: "))["regions"]
            if "latest" in regions:
                yield regions["latest"]
