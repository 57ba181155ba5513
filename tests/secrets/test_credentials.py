from __future__ import annotations

import copy
import pickle
from pathlib import Path
from unittest.mock import Mock

import pytest

from controller.secrets import credentials
from controller.secrets.credentials import Secret, SecretMissing
from controller.settings.load import load
from controller.settings.model import Settings

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"


def test_a_secret_is_read_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mqtt-password").write_text("p4ss word\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert credentials.read("mqtt-password").reveal() == "p4ss word"
    assert credentials.read("mqtt-password", tmp_path).reveal() == "p4ss word"


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("p4ss")
    assert "p4ss" not in f"{secret} {secret!r} {[secret]}"
    for leak in (copy.copy, pickle.dumps):
        with pytest.raises(TypeError):
            leak(secret)


@pytest.mark.parametrize(
    ("content", "fault"), [(None, "no such file"), (b"\n", "empty"), (b"\xff", "not text")]
)
def test_a_missing_secret_names_file_and_remedy(tmp_path: Path, content: bytes | None, fault: str) -> None:
    if content is not None:
        (tmp_path / "site-key").write_bytes(content)
    with pytest.raises(SecretMissing, match=fault) as caught:
        credentials.read("site-key", tmp_path)
    assert str(tmp_path / "site-key") in str(caught.value)
    assert "unlocked init" in str(caught.value)


def test_somebody_who_may_not_read_a_secret_is_told_to_be_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_bytes", Mock(side_effect=PermissionError(13, "Permission denied")))
    with pytest.raises(SecretMissing, match=r"site-key: it cannot be read \(.*\); run it as root"):
        credentials.read("site-key", tmp_path)


def test_a_service_without_a_supervisor_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretMissing, match="unlocked run"):
        credentials.read("site-key")


def with_logins(settings: Settings) -> Settings:
    cameras = [camera.model_copy(update={"username": "viewer"}) for camera in settings.cameras]
    mqtt = settings.mqtt.model_copy(update={"username": "branch"})
    return settings.model_copy(update={"cameras": tuple(cameras), "mqtt": mqtt})


def test_each_service_gets_what_it_needs_and_no_more() -> None:
    settings = load(EXAMPLE)
    nobody_else = {
        "membership": ("site-key",),
        "recorder": (),
        "uplink": (),
        "console": ("authority-public-key",),
    }
    assert credentials.needed(settings) == {**nobody_else, "door": ("site-key", "authority-public-key")}
    needed = credentials.needed(with_logins(settings))
    assert needed["recorder"] == ("camera-entrance-password",)
    assert needed["uplink"] == ("mqtt-password",)
