from __future__ import annotations

from pathlib import Path

import pytest

from controller.secrets.credentials import Secret, SecretMissing, needed, read
from controller.settings.load import load

EXAMPLE = Path(__file__).parents[2] / "config" / "branch.example.toml"


def test_a_secret_is_read_by_name_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "site-key").write_text("00ff \r\n")
    assert read("site-key", {"CREDENTIALS_DIRECTORY": str(tmp_path)}).reveal() == "00ff "


def test_a_secret_never_prints_itself() -> None:
    secret = Secret("hazel-4711")
    assert "hazel" not in f"{secret} {secret!r} {[secret]}"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_secret_that_cannot_be_used_is_named_with_its_file_and_the_remedy(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "site-key").write_bytes(content)
    with pytest.raises(SecretMissing, match=r"site-key.* put the secret site-key into the secrets folder"):
        read("site-key", {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_without_a_folder_the_remedy_is_another() -> None:
    with pytest.raises(SecretMissing, match="CREDENTIALS_DIRECTORY is not set"):
        read("site-key", {})


def test_each_service_is_given_what_it_needs_and_no_more(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    text = EXAMPLE.read_text()
    file.write_text(text)
    assert needed(load(file)) == {
        "door": ("site-key", "authority-public-key"),
        "recorder": (),
        "membership": (),
        "uplink": (),
    }
    file.write_text(text.replace('#username = ""', 'username = "org/branch"'))
    assert needed(load(file))["recorder"] == ("camera-entrance-password",)
    assert needed(load(file))["uplink"] == ("mqtt-password",)
