"""The network camera's driver where no camera answers as it should. For one that does: tests/contracts."""

from __future__ import annotations

import socket

import pytest

from controller.devices import DeviceLost
from drivers import rtsp_camera
from drivers.rtsp_camera import RtspCamera, _with_login


def test_nobody_there_is_lost_and_the_password_stays_out_of_the_message() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: refused
        url = f"rtsp://127.0.0.1:{nobody.getsockname()[1]}/stream"
        with pytest.raises(DeviceLost) as lost:
            RtspCamera(url, "viewer", "s3cret/@:")
    assert "s3cret" not in str(lost.value)
    assert "s3cret" not in repr(lost.value.__cause__)
    assert lost.value.__suppress_context__


def test_a_login_may_hold_any_character() -> None:
    assert _with_login("rtsp://camera:8554/a?b=c", "", "ignored") == "rtsp://camera:8554/a?b=c"
    assert (
        _with_login("rtsp://camera:8554/a?b=c", "us er", "p@ss/:?")
        == "rtsp://us%20er:p%40ss%2F%3A%3F@camera:8554/a?b=c"
    )


def test_a_camera_that_says_nothing_is_given_up_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtsp_camera, "OPEN_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/stream"
        with pytest.raises(DeviceLost, match="no answer within") as lost:
            RtspCamera(url, "viewer", "a-password")
    assert "a-password" not in str(lost.value)
