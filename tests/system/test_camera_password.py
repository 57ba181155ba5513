"""A camera's password is the recorder's and the camera's alone: where it could have leaked to, looked for.

The camera sends H.265, so that a whole recorder has been seen to take that.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import av
import pytest

from controller.core.event import EventType
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.engine import DatabaseMissing
from controller.store.journal_reader import JournalReader
from simulator.camera.camera import Camera
from simulator.camera.encoder import Codec
from simulator.policies import policy_toml
from simulator.waiting import wait_until

pytestmark = pytest.mark.system

LIMIT_S = 30
RIGHT, WRONG = "c0rrect h/rse@b:ttery", "not-the-one-it-wants"
TRACES = [
    text.encode()
    for password in (RIGHT, WRONG)
    for text in (
        password,
        quote(password, safe=""),
        quote(password),
        base64.b64encode(f"viewer:{password}".encode()).decode(),
    )
]

SETTINGS = """
[branch]
authority = "authority"
branch = "branch"
name = "Branch"
state_dir = "{root}/state"
run_dir = "{root}/run"
secrets_dir = "{root}/secrets"
[clock]
assume_trusted = true
[[doors]]
[[doors.readers]]
port = "/dev/null"
[doors.lock]
pin = 17
[[cameras]]
id = "entrance"
url = "{url}"
sub_url = "{url}"
username = "viewer"
[[cameras]]
id = "yard"
url = "{url}"
username = "viewer"
[footage]
segment_s = 2
min_free_mb = 1
"""


@pytest.fixture
def camera() -> Iterator[Camera]:
    with Camera(
        width=160, height=96, gop_s=0.5, username="viewer", password=RIGHT, codec=Codec.H265
    ) as camera:
        yield camera


def kinds(paths: Paths) -> list[EventType]:
    try:
        reader = JournalReader(paths.journal("recorder"))
        try:
            return [event.type for event in reader.since(0)]
        finally:
            reader.close()
    except DatabaseMissing:
        return []


def leaks(what: bytes) -> list[bytes]:
    return [trace for trace in TRACES if trace in what]


def test_it_is_in_no_argument_environment_log_event_or_file(tmp_path: Path, camera: Camera) -> None:
    config = tmp_path / "branch.toml"
    config.write_text(SETTINGS.format(root=tmp_path, url=camera.url) + policy_toml())
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    for camera_id, password in (("entrance", RIGHT), ("yard", WRONG)):
        (secrets / f"camera-{camera_id}-password").write_text(password)
        (secrets / f"camera-{camera_id}-password").chmod(0o600)
    settings = load(config)
    paths = Paths.of(settings)
    log = tmp_path / "log"
    unlocked = [sys.executable, "-m", "controller"]
    with log.open("wb") as written:
        recorder = subprocess.Popen(
            [*unlocked, "recorder", "-c", str(config)],
            env={**os.environ, "CREDENTIALS_DIRECTORY": str(secrets)},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        # It is found, lost and found again; the other is refused all the while.
        wait_until(lambda: EventType.CAMERA_FOUND in kinds(paths), LIMIT_S)
        camera.away()
        wait_until(lambda: EventType.CAMERA_LOST in kinds(paths)[-3:], LIMIT_S)
        camera.away(False)
        wait_until(lambda: kinds(paths).count(EventType.CAMERA_FOUND) == 2, LIMIT_S)
        for name in ("cmdline", *(["environ"] if os.geteuid() == 0 else [])):  # others may not even look
            assert not leaks(Path(f"/proc/{recorder.pid}/{name}").read_bytes())
        for command in (["check"], ["camera", "list"]):
            said = subprocess.run([*unlocked, *command, "-c", str(config)], capture_output=True, check=False)
            assert not leaks(said.stdout + said.stderr)
    finally:
        recorder.terminate()
        recorder.wait(LIMIT_S)
    assert b"yard" in log.read_bytes()  # so that the log is what it is looked for in
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != secrets]
    recorded = [path for path in files if path.suffix == ".mp4"]
    for path in recorded:
        with av.open(str(path)) as container:
            assert container.streams.video[0].codec_context.codec_tag == "hvc1"
            assert list(container.decode(video=0))
    assert len(recorded) >= 2
    assert {path.name: leaks(path.read_bytes()) for path in files if leaks(path.read_bytes())} == {}
    assert not leaks(repr(settings).encode())
