from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from controller.commands.main import main
from controller.settings.model import Settings

CONFIG = Path(__file__).parents[3] / "config"


def test_the_example_is_right() -> None:
    result = CliRunner().invoke(main, ["check", str(CONFIG / "branch.example.toml")])
    assert result.exit_code == 0
    assert "Droitwich Library" in result.output
    assert "hint" not in result.output


def test_a_date_that_is_past_is_a_hint(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    example = (CONFIG / "branch.example.toml").read_text()
    file.write_text(
        example.replace("[hours.dates]\n", '[hours.dates]\n"2001-12-25" = {}\n"2099-12-25" = {}\n')
    )
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 0
    assert f'{file}: hint: hours.dates."2001-12-25": that is past; it can be removed' in result.output
    assert "2099" not in result.output


def test_a_fault_is_one_line_with_file_key_and_remedy(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(
        (CONFIG / "branch.example.toml").read_text().replace("#retention_days = 14", "retention_dayz = 9")
    )
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"{file}: footage.retention_dayz: there is no such key; remove it or correct its spelling"
    ]


def test_a_port_by_its_number_is_a_hint(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(
        (CONFIG / "branch.example.toml")
        .read_text()
        .replace("/dev/serial/by-id/usb-example-card-reader", "/dev/ttyACM0")
        .replace("/dev/serial/by-id/usb-example-display", "/dev/ttyUSB1")
    )
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 0
    assert [line.split(": ")[1:4] for line in result.stdout.splitlines()[1:]] == [
        [
            "hint",
            "doors[front].readers[in].port",
            "/dev/ttyACM0 may be another device once something was unplugged; "
            "use its name in /dev/serial/by-id",
        ],
        [
            "hint",
            "doors[front].readers[in].display.port",
            "/dev/ttyUSB1 may be another device once something was unplugged; "
            "use its name in /dev/serial/by-id",
        ],
    ]


def test_a_sound_that_cannot_be_played_is_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, sound, programs = tmp_path / "branch.toml", tmp_path / "closing.wav", tmp_path / "bin"
    example = (CONFIG / "branch.example.toml").read_text()
    file.write_text(example.replace('#sound = "/etc/unlocked/closing.wav"', f'sound = "{sound}"'))
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == [
        f"{file}: hint: announcements.sound: {sound} is not there, or not to be read; copy it to there",
        f"{file}: hint: announcements.sound: there is no aplay to play it; install alsa-utils",
    ]
    sound.touch()
    (programs / "aplay").touch(mode=0o755)
    assert "hint" not in CliRunner().invoke(main, ["check", str(file)]).output


OSDP = """
[branch]
authority = "example"
branch = "desk"
name = "The desk"
secrets_dir = "{folder}"
run_dir = "{folder}/run"
[cards]
min_length = 10
max_length = 10
[[doors]]
[[doors.readers]]
format = "osdp"
port = "/dev/serial/by-id/a"
[doors.lock]
pin = 17
"""


def test_an_osdp_reader_without_a_key_is_one_line_here_and_where_it_would_start(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(OSDP.format(folder=tmp_path))
    key = tmp_path / "reader-front-in-key"
    result = CliRunner().invoke(main, ["check", str(file)])
    [line] = result.stdout.splitlines()[1:]
    assert line.startswith(f"{file}: hint: doors[front].readers[in]: this OSDP reader has no key")
    assert line.endswith("`unlocked reader pair --door front --reader in` makes it")
    for name in ("site-key", "authority-public-key", "pin-key"):
        (tmp_path / name).write_text("0" * 64)
    started = CliRunner().invoke(main, ["run", str(file)])
    assert started.exit_code == 2
    [line] = started.stderr.splitlines()
    assert line.startswith(f"{key}: there is no such file; `unlocked reader pair`")
    key.write_text("0" * 32)
    assert len(CliRunner().invoke(main, ["check", str(file)]).stdout.splitlines()) == 1


def test_cameras_without_a_key_for_exports_are_a_hint(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    camera = '[[cameras]]\nid = "a"\nurl = "rtsp://h/x"\n'
    file.write_text(OSDP.format(folder=tmp_path).replace('"osdp"', '"line"') + camera)
    hinted = CliRunner().invoke(main, ["check", str(file)]).stdout
    assert (
        f"hint: cameras: there is no key to sign exports with, and without it there are none: {tmp_path}"
        in hinted
    )
    (tmp_path / "export-signing-key").write_text("there")
    assert "sign exports" not in CliRunner().invoke(main, ["check", str(file)]).stdout


def test_a_missing_file_names_the_example(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["check", str(tmp_path / "none.toml")])
    assert result.exit_code == 2
    assert "branch.example.toml" in result.stderr


def test_the_schema_in_config_is_the_current_one() -> None:
    result = CliRunner().invoke(main, ["check", "--schema"])
    assert json.loads(result.output) == Settings.model_json_schema()
    written = (CONFIG / "branch.schema.json").read_text()
    assert written == result.output, "run: unlocked check --schema > config/branch.schema.json"


def test_no_file_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["check"]).exit_code == 2
