"""The simulated branch.toml: real settings accept it, and it is open and unstaffed whenever it is played."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from controller.settings.hours import minutes_of
from controller.settings.load import load
from simulator.settings import WEEK, BrokerAddress, Layout, branch_toml


@pytest.mark.parametrize(
    "broker", [None, BrokerAddress(1883, "5", True), BrokerAddress(1883, "3.1.1", False)]
)
@pytest.mark.parametrize("camera_url", [None, "rtsp://127.0.0.1:8554/stream"])
def test_real_settings_accept_it(
    tmp_path: Path, broker: BrokerAddress | None, camera_url: str | None
) -> None:
    layout = Layout(tmp_path, tmp_path)
    text = branch_toml(
        layout,
        broker=broker,
        camera_url=camera_url,
        pulse_s=2.0,
        held_open_s=30,
        segment_s=5,
        retention_days=14,
    )
    layout.config.write_text(text)
    settings = load(layout.config)
    assert settings.mqtt.enabled is (broker is not None)
    assert settings.mqtt.uses_tls is False
    assert len(settings.cameras) == (camera_url is not None)
    # Every minute of every day, the nights when the clocks change among them.
    night = datetime(2026, 10, 24, tzinfo=ZoneInfo(settings.branch.timezone))
    for day in range(7):
        name = WEEK[(night + timedelta(days=day)).weekday()]
        assert [minutes_of(period) for period in settings.hours.unstaffed[name]] == [(0, 24 * 60)]  # type: ignore[index]
    assert settings.hours.staffed == {}
