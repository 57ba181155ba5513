"""The walk of docs/real-parts.md: no part of the simulator, from the swipe to the clip that plays.

A serial line by socat, a camera by ffmpeg behind GStreamer's RTSP server, Mosquitto with its own
subscriber, and gpiozero's mock pins.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from controller.settings import shipped
from controller.staff.account import account
from simulator.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

RTSP_SERVER = Path(__file__).with_name("rtsp_server.py")
GUIDE = Path(__file__).parents[2] / "docs" / "real-parts.md"
CARD = "25891000331441"
FFMPEG = (
    "ffmpeg -nostdin -loglevel warning -re -f lavfi -i testsrc2=size=640x360:rate=15 "
    "-c:v libx264 -preset veryfast -tune zerolatency -g 15 -f rtp"
)

LIMIT_S = 120.0


class Desk:
    """The parts, each a process of its own, ended in reverse order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mqtt_port = free_port(socket.SOCK_STREAM)
        self.rtsp_port = free_port(socket.SOCK_STREAM)
        self.rtp_port = free_port(socket.SOCK_DGRAM)
        self.environment = {
            **os.environ,
            "UNLOCKED_CONFIG": str(folder / "branch.toml"),
            "GPIOZERO_PIN_FACTORY": "mock",
        }
        self._parts = ExitStack()

    def start(self, *command: str | Path, log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("wb") as file:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=self.environment,
            )
        self._parts.callback(end, process)
        return process

    def said(self, log: str) -> str:
        return (self.folder / log).read_text(errors="replace")

    def unlocked(self, *arguments: str | Path) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "controller", *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def close(self) -> None:
        self._parts.close()


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_of_the_guide(desk: Desk) -> str:
    """The file that docs/real-parts.md has the reader write, with this test's folder and ports."""
    [text] = re.findall(r"<<'END'\n(.*?)\n +END\n", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    text = re.sub(r"^ +", "", text, flags=re.MULTILINE)
    return (
        text.replace("/tmp/branch", str(desk.folder))
        .replace("127.0.0.1:8554", f"127.0.0.1:{desk.rtsp_port}")
        .replace("port = 1884", f"port = {desk.mqtt_port}")
        .replace("YOU", account().user)
    )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    try:
        yield desk
    finally:
        desk.close()


def test_a_swipe_opens_the_door_and_leaves_an_event_and_a_clip(desk: Desk) -> None:
    folder = desk.folder
    (folder / "branch.toml").write_text(settings_of_the_guide(desk))
    shutil.copy(shipped.profiles()["worcestershire"], folder / "policy.toml")
    desk.unlocked("check", folder / "branch.toml")
    passphrase = folder / "passphrase"
    passphrase.write_text("a passphrase for a desk\n")
    desk.unlocked("init", "--private-key-to", folder / "authority-key.pem", "--passphrase-file", passphrase)
    (folder / "members.csv").write_text(
        f"card_number,status,induction,granted_from,expires\n{CARD},active,2026-01-12,2026-01-12,2099-12-31\n"
    )
    desk.unlocked("members", "import", folder / "members.csv")

    pty = "pty,raw,echo=0,link="
    desk.start("socat", f"{pty}{folder}/reader", f"{pty}{folder}/card", log="socat.log")
    desk.start(
        *shlex.split(FFMPEG),
        f"rtp://127.0.0.1:{desk.rtp_port}",
        log="ffmpeg.log",
    )
    desk.start(
        *("/usr/bin/python3", RTSP_SERVER, "--from-rtp", str(desk.rtp_port)),
        *("--port", str(desk.rtsp_port)),
        log="rtsp.log",
    )
    mosquitto = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    desk.start(mosquitto, "-p", str(desk.mqtt_port), log="mosquitto.log")
    wait_until(lambda: (folder / "card").exists() and (folder / "reader").exists(), LIMIT_S, "socat's line")
    wait_until(lambda: "running" in desk.said("mosquitto.log"), LIMIT_S, "Mosquitto")
    desk.start(
        *("mosquitto_sub", "-p", str(desk.mqtt_port), "-V", "5", "-t", "lu/v1/#", "-v"),
        log="subscriber.log",
    )

    def arrived(kind: str) -> list[dict[str, object]]:
        """The events of a sort that the subscriber has, from lines of a topic and a message."""
        topic = f"lu/v1/example/desk/evt/{kind} "
        lines = desk.said("subscriber.log").splitlines(keepends=True)
        return [
            json.loads(line.removeprefix(topic))
            for line in lines
            if line.startswith(topic) and line.endswith("\n")
        ]

    run = desk.start(sys.executable, "-m", "controller", "run", folder / "branch.toml", log="run.log")
    wait_until(lambda: "all services are ready" in desk.said("run.log"), LIMIT_S, "unlocked run")
    wait_until(lambda: arrived("camera.found"), LIMIT_S, "the camera's pictures")

    with (folder / "card").open("wb", buffering=0) as card:
        card.write(f"{CARD}\r".encode())

    wait_until(lambda: arrived("access.granted"), LIMIT_S, "the event at the subscriber")
    [event] = arrived("access.granted")
    assert event["type"] == "unlocked.access.granted"
    assert CARD not in desk.said("subscriber.log")
    assert CARD not in desk.said("run.log")

    wait_until(lambda: arrived("door.locked"), LIMIT_S, "the lock secured after its pulse")
    wait_until(lambda: arrived("clip.recorded"), LIMIT_S, "the clip")
    happened = [json.loads(line)["type"] for line in desk.unlocked("log", "--json").splitlines()]
    assert {"camera.found", "access.granted", "door.locked", "clip.recorded"} <= set(happened)
    clips = [json.loads(line) for line in desk.unlocked("clip", "list", "--json").splitlines()]
    [clip] = [clip for clip in clips if clip["event"] == event["id"]]
    exported = folder / "clip.mp4"
    desk.unlocked("clip", "export", clip["id"], exported, "--need", "TRY-1")
    assert desk.unlocked("clip", "verify", exported).splitlines()[-1].startswith("INTACT")
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(exported)],
        capture_output=True,
        check=True,
    )
    [stream] = json.loads(probe.stdout)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 640, 360)
    assert int(stream["nb_read_frames"]) > 15 * 2

    assert run.poll() is None
    desk.unlocked("journal", "verify")
