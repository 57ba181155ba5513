"""The simulated branch.toml: real settings accept it, and it is open and unstaffed whenever it is played."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from controller.settings.hours import minutes_of
from controller.settings.load import load
from controller.settings.model import Settings
from simulator.card_formats import TYPES, ReaderType
from simulator.settings import WEEK, BrokerAddress, Layout, branch_toml


def written(layout: Layout, broker: BrokerAddress | None = None, camera_url: str | None = None) -> Settings:
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
    return load(layout.config)


@pytest.mark.parametrize(
    "broker", [None, BrokerAddress(1883, "5", True), BrokerAddress(1883, "3.1.1", False)]
)
@pytest.mark.parametrize("camera_url", [None, "rtsp://127.0.0.1:8554/stream"])
def test_real_settings_accept_it(
    tmp_path: Path, broker: BrokerAddress | None, camera_url: str | None
) -> None:
    settings = written(Layout(tmp_path, tmp_path), broker, camera_url)
    assert settings.mqtt.enabled is (broker is not None)
    assert settings.mqtt.uses_tls is False
    assert len(settings.cameras) == (camera_url is not None)
    # Every minute of every day, the nights when the clocks change among them.
    night = datetime(2026, 10, 24, tzinfo=ZoneInfo(settings.branch.timezone))
    for day in range(7):
        name = WEEK[(night + timedelta(days=day)).weekday()]
        assert [minutes_of(period) for period in settings.hours.unstaffed[name]] == [(0, 24 * 60)]  # type: ignore[index]
    assert settings.hours.staffed == {}


@pytest.mark.parametrize("type_", TYPES.values(), ids=str)
def test_a_reader_of_every_type_is_set_as_what_it_is(tmp_path: Path, type_: ReaderType) -> None:
    settings = written(Layout(tmp_path, tmp_path, ((type_,),)))
    [(_, reader)] = settings.readers()
    assert type_.settings.items() <= reader.model_dump().items()
    assert settings.cards.min_length == settings.cards.max_length == len(type_.number(1))


def test_as_many_doors_and_readers_as_a_branch_can_have(tmp_path: Path) -> None:
    settings = written(Layout(tmp_path, tmp_path, (tuple(TYPES.values())[:4],) * 8))
    assert len(list(settings.readers())) == 32
