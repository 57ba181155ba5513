"""Too few bits: against a setting, or against what the camera usually sends."""

from __future__ import annotations

import pytest

from controller.core.camera_rate import HOURS, CameraRate

S = 1_000_000


class Sender:
    """Sends at a rate, looked at every five seconds."""

    def __init__(self, rate: CameraRate) -> None:
        self.rate = rate
        self.now_us = 0
        self.learnt = 0

    def send(self, kbps: int, seconds: int, *, counts: bool = True) -> bool | None:
        for _ in range(seconds // 5):
            self.now_us += 5 * S
            self.learnt += self.rate.took(kbps * 1000 * 5 // 8, self.now_us, counts=counts)
        return self.rate.low


def test_a_limit_that_is_set_counts_at_once() -> None:
    sender = Sender(CameraRate(min_kbps=200))
    assert sender.send(1500, 25) is None
    assert sender.send(1500, 20) is False
    assert sender.rate.kbps == 1500
    assert sender.send(150, 60) is True
    assert sender.send(1500, 60) is False


def test_without_a_limit_a_whole_day_is_learnt_first() -> None:
    sender = Sender(CameraRate())
    for hour in range(HOURS):
        assert sender.send(150 if hour < 8 else 1500, 3600) is None
    sender.send(1500, 600)
    assert sender.rate.limit_kbps == pytest.approx(45)
    assert sender.learnt == HOURS
    assert sender.send(150, 8 * 3600) is False
    assert sender.send(40, 60) is True


def test_what_is_too_little_is_not_learnt_however_long_it_lasts() -> None:
    sender = Sender(CameraRate(usual=[1000] * HOURS))
    assert sender.send(100, 3 * 24 * 3600) is True
    assert sender.rate.usual == (1000,) * HOURS
    assert sender.send(900, 2 * 24 * 3600) is False
    assert set(sender.rate.usual) == {900}


def test_what_a_black_picture_sends_is_not_learnt() -> None:
    sender = Sender(CameraRate(usual=[1000] * HOURS))
    assert sender.send(400, 24 * 3600, counts=False) is False
    assert sender.rate.usual == (1000,) * HOURS


def test_a_new_connection_is_measured_anew() -> None:
    sender = Sender(CameraRate(min_kbps=200))
    sender.send(1500, 60)
    sender.rate.connected()
    sender.now_us += 600 * S
    assert sender.send(1500, 20) is None
    assert sender.send(1500, 30) is False


def test_what_was_usual_is_known_after_a_restart() -> None:
    first = Sender(CameraRate())
    first.send(1000, 25 * 3600)
    assert Sender(CameraRate(usual=first.rate.usual)).send(100, 60) is True
