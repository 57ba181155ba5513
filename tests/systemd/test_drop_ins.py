"""What `unlocked secrets units` tells systemd, read by systemd itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from controller.secrets import credentials, drop_ins
from controller.settings.load import load
from controller.settings.model import Settings

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The example's branch, with a password wherever there may be one."""
    found = load(REPOSITORY / "config" / "branch.example.toml")
    cameras = [camera.model_copy(update={"username": "viewer"}) for camera in found.cameras]
    branch = found.branch.model_copy(update={"secrets_dir": tmp_path / "secrets"})
    mqtt = found.mqtt.model_copy(update={"username": "branch"})
    (tmp_path / "secrets").mkdir()
    return found.model_copy(update={"cameras": tuple(cameras), "mqtt": mqtt, "branch": branch})


def test_each_service_is_handed_what_it_needs_and_no_more(settings: Settings, tmp_path: Path) -> None:
    drop_ins.write(settings, tmp_path)
    for service, names in credentials.needed(settings).items():
        said = drop_ins.file(service, tmp_path).read_text()
        assert re.findall(r"^LoadCredential=(.*?):", said, re.MULTILINE) == [
            *names,
            *credentials.wanted(service),
        ]
    assert "camera-entrance-password" in drop_ins.file("recorder", tmp_path).read_text()


def test_what_is_encrypted_is_decrypted_by_systemd(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "secrets" / "mqtt-password.cred").touch()
    said = drop_ins.text(settings, "uplink")
    assert f"LoadCredentialEncrypted=mqtt-password:{tmp_path}/secrets/mqtt-password.cred\n" in said
    assert f"LoadCredential=journal-key-uplink:{tmp_path}/secrets/journal-key-uplink\n" in said


def test_everybody_may_read_them_and_only_root_write(settings: Settings, tmp_path: Path) -> None:
    for file in drop_ins.write(settings, tmp_path):
        assert file.stat().st_mode & 0o777 == 0o644
        assert file.parent.stat().st_mode & 0o022 == 0
    assert drop_ins.write(settings, tmp_path) == ()
