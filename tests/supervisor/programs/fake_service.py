"""A service that does as its arguments say. Speaks to its supervisor as sd_notify(3) does, by hand."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

name, notes, *behaviour = sys.argv[1:]


def note(what: str) -> None:
    with Path(notes).open("a") as file:
        file.write(f"{time.monotonic()} {name} {what}\n")


def tell(message: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.sendto(message.encode(), "\0" + os.environ["NOTIFY_SOCKET"].removeprefix("@"))


def on_term(*_: object) -> None:
    note("told to stop")
    if "ignores-term" not in behaviour:
        raise SystemExit(0)


signal.signal(signal.SIGTERM, on_term)
note(f"runs as {os.getpid()}")
if "exits" in behaviour:
    sys.exit(3)
if "speaks" in behaviour:
    os.write(1, b"whole line\n")
    os.write(2, b"to stderr\n")
    os.write(1, b"x" * 20_000 + b"without end")
    sys.exit(0)
if "tells-secrets" in behaviour:
    folder = Path(os.environ["CREDENTIALS_DIRECTORY"])
    found = {file.name: file.read_text() for file in sorted(folder.iterdir())}
    modes = {oct(file.stat().st_mode & 0o777) for file in folder.iterdir()}
    note(f"secrets {found} {oct(folder.stat().st_mode & 0o777)} {sorted(modes)} {folder}")
if "others-tell" in behaviour:
    subprocess.run([sys.executable, "-S", __file__, "other", notes, "tells-only"], check=True)
if "tells-only" in behaviour:
    tell("READY=1")
    sys.exit(0)
if "has-a-talker" in behaviour:
    talk = f"while :; do echo talk; echo '0 talker talked' >> {notes}; sleep 0.02; done"
    subprocess.Popen(["sh", "-c", talk])
if "ready" in behaviour:
    note("ready")
    tell("READY=1")
watchdog_s = int(os.environ["WATCHDOG_USEC"]) / 1_000_000
while True:
    time.sleep(min(watchdog_s / 4, 1))
    if "watchdog" in behaviour:
        tell("WATCHDOG=1")
