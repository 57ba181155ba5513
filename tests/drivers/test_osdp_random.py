"""Random numbers for libosdp where several lines come and go in one process."""

from __future__ import annotations

import threading

from drivers import osdp_random


def test_a_line_that_begins_while_another_is_asked_finds_the_generator_its_own() -> None:
    over = threading.Event()

    def asked() -> None:
        while not over.is_set():
            osdp_random.refill()

    other = threading.Thread(target=asked)
    other.start()
    try:
        for _ in range(3000):
            osdp_random.take_over()
    finally:
        over.set()
        other.join()


def test_no_number_is_said_twice() -> None:
    osdp_random.take_over()
    said = set()
    for _ in range(1000):
        osdp_random.refill()
        said.add((osdp_random._libc.rand(), osdp_random._libc.rand()))
    assert len(said) == 1000
