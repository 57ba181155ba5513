from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from controller.commands.camera.find import find
from simulator.camera.onvif import Discoverable


def test_what_answers_is_shown() -> None:
    with Discoverable() as camera:
        asked = ["--at", f"127.0.0.1:{camera.port}", "--wait", "0.3"]
        shown = CliRunner().invoke(find, asked)
        told = CliRunner().invoke(find, [*asked, "--json"])
    assert shown.stdout.split() == [
        "127.0.0.1",
        "Street",
        "door",
        "SIM-1",
        "http://127.0.0.1/onvif/device_service",
    ]
    assert json.loads(told.stdout) == {
        "host": "127.0.0.1",
        "service": "http://127.0.0.1/onvif/device_service",
        "name": "Street door",
        "hardware": "SIM-1",
    }


def test_silence_is_explained() -> None:
    with Discoverable() as camera:
        port = camera.port
    result = CliRunner().invoke(find, ["--at", f"127.0.0.1:{port}", "--wait", "0.1"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "--at HOST" in result.stderr


@pytest.mark.parametrize("place", ["", ":80", "camera:http", "camera:0", "camera:70000"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    result = CliRunner().invoke(find, ["--at", place])
    assert result.exit_code == 2
    assert "such as 192.168.1.20" in result.stderr
