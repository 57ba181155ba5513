from __future__ import annotations

import threading

import pytest

from controller.membership.feed.thread import FeedThread, Stopped

WAIT_S = 10.0


def test_it_looks_at_once_and_ends_when_closed() -> None:
    looked = threading.Event()
    stopping = threading.Event()

    def look() -> bool:
        looked.set()
        return False

    thread = FeedThread(look, 3600, stopping)
    assert looked.wait(WAIT_S)
    thread.check()
    assert thread.close()


def test_closing_ends_an_import_at_its_next_step() -> None:
    importing = threading.Event()
    stopping = threading.Event()

    def look() -> bool:
        importing.set()
        stopping.wait(WAIT_S)
        raise Stopped

    thread = FeedThread(look, 3600, stopping)
    assert importing.wait(WAIT_S)
    assert thread.close()
    thread.check()


def test_what_is_coming_is_looked_for_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controller.membership.feed.thread.SOON_S", 0.01)
    looked = threading.Semaphore(0)

    def look() -> bool:
        looked.release()
        return True

    thread = FeedThread(look, 3600, threading.Event())
    for _ in range(3):
        assert looked.acquire(timeout=WAIT_S)
    thread.close()


def test_what_nobody_expected_reaches_the_service() -> None:
    def look() -> bool:
        raise ZeroDivisionError

    thread = FeedThread(look, 3600, threading.Event())
    thread.close()
    with pytest.raises(ZeroDivisionError):
        thread.check()
