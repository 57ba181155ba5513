"""Fixtures that tests of several folders share."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Page, expect, sync_playwright

from controller.core.event import EventType, NewEvent, Stamp
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from simulator.broker import Broker

settings.register_profile("tests", deadline=None)  # how long an example takes tells of the machine
settings.load_profile("tests")

LIMIT_S = 20
WORKERS = 3


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three processes for ``-n auto``, or none but this one where there is a single core."""
    return WORKERS if len(os.sched_getaffinity(0)) > 1 else 0


ALL_CORES = os.sched_getaffinity(0)


def own_cores() -> set[int]:
    """Those of a worker of pytest-xdist that no other worker has; all of them if none is left for it.

    So of three workers on two cores one uses whatever the others leave while they wait for something.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker.startswith("gw"):
        return ALL_CORES
    count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    return set(sorted(ALL_CORES)[int(worker.removeprefix("gw")) % count :: count]) or ALL_CORES


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A worker, and all it starts, keeps to its own cores, so that it starves nobody in the other.

    Tests marked ``prompt`` may use every core: a reader on an OSDP line must answer within 200 ms.
    """
    os.sched_setaffinity(0, ALL_CORES if item.get_closest_marker("prompt") else own_cores())


LONG = ("system", "crash", "prompt")
"""Markers of what takes long. Such a file, played last, would leave the other workers with nothing to do."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take long come first, each as it is."""
    long = {item.path for item in items if any(item.get_closest_marker(name) for name in LONG)}
    items.sort(key=lambda item: item.path not in long)


def pytest_configure() -> None:
    os.sched_setaffinity(0, own_cores())
    let_signals_through()


def let_signals_through() -> None:
    """Ctrl-C and a hang-up reach what tests start, also where a shell has put the tests into the background.

    Such a job has SIGINT ignored, and under nohup SIGHUP; what it starts would inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)  # still nothing here, and not inherited


class Uplink:
    """A branch of which only the uplink runs; the test writes the door's journal."""

    def __init__(self, folder: Path, broker: Broker, **mqtt: object) -> None:
        self.file = folder / "branch.toml"
        self.secrets = folder / "handed-out"
        self.output = folder / "output"
        settings = {"port": broker.port, "protocol": broker.protocol, "host": broker.host} | mqtt
        lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
        self.file.write_text(
            f'[branch]\nauthority = "org"\nbranch = "branch"\nname = "Branch"\n'
            f'state_dir = "{folder}/state"\nrun_dir = "{folder}/run"\n'
            f'[[doors]]\n[[doors.readers]]\nport = "/dev/null"\n[doors.lock]\npin = 17\n[mqtt]\n{lines}\n'
        )
        self.paths = Paths.of(load(self.file))
        self.process: subprocess.Popen[bytes] | None = None
        self.door = Journal.open(self.paths.journal("door"), service="door", stamp=self.stamp())

    @staticmethod
    def stamp() -> Stamp:
        return Stamp(time.time_ns() // 1000, time.monotonic_ns() // 1000, "boot", True)

    def happen(self, count: int = 1, kind: EventType = EventType.DOOR_OPENED) -> None:
        self.door.append([NewEvent(kind, "front", self.stamp()) for _ in range(count)])

    def start(self) -> None:
        environment = os.environ | {"CREDENTIALS_DIRECTORY": str(self.secrets)}
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "controller", "uplink", "-c", str(self.file)],
                env=environment,
                stdout=output,
                stderr=output,
            )

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-m", "controller", "uplink", *words, "-c", str(self.file)]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=LIMIT_S)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(how)
        code = self.process.wait(LIMIT_S)
        self.process = None
        return code

    def events(self, service: str) -> list[str]:
        reader = JournalReader(self.paths.journal(service))
        try:
            return [str(event.type) for event in reader.read(0)]
        finally:
            reader.close()


@pytest.fixture
def uplink(tmp_path: Path) -> Iterator[Callable[..., Uplink]]:
    """Makes an Uplink from a broker and settings of the table mqtt."""
    made: list[Uplink] = []

    def make(broker: Broker, **mqtt: object) -> Uplink:
        made.append(Uplink(tmp_path, broker, **mqtt))
        return made[-1]

    yield make
    for one in made:
        one.stop()
        one.door.close()


# --- a browser that plays footage ------------------------------------------------------------------

QUIET_CHROMIUM = [
    "--no-sandbox",  # in a container it has no right to make one
    "--disable-background-networking",
    "--disable-component-update",
    "--autoplay-policy=no-user-gesture-required",
]
PLAY = """async url => {
    const video = document.createElement("video");
    const happens = what => new Promise(done => video.addEventListener(what, () => done(""), {once: true}));
    const fails = new Promise(done => video.onerror = () => done(video.error.message || "it failed"));
    const late = new Promise(done => setTimeout(() => done("neither ends nor fails"), LIMIT_S * 1000));
    video.muted = true;
    video.playbackRate = 8;
    video.src = url;
    document.body.append(video);
    const ended = happens("ended");
    video.play().catch(() => {});  // what is wrong is told by the event
    const wrong = await Promise.race([ended, fails, late]);
    const played = {wrong, pictures: video.getVideoPlaybackQuality().totalVideoFrames, seeked_s: 0};
    if (!wrong) {
        const seeked = happens("seeked");
        video.currentTime = video.duration / 2;
        played.wrong = await Promise.race([seeked, fails, late]);
        played.seeked_s = video.currentTime;
    }
    video.remove();
    return played;
}""".replace("LIMIT_S", str(LIMIT_S))


class _Files(BaseHTTPRequestHandler):
    """Serves any file by its path, in parts as browsers ask for them."""

    def do_GET(self) -> None:
        path = Path(self.path)
        content = path.read_bytes() if path.is_file() else b""
        first, last = 0, len(content) - 1
        if asked := self.headers.get("Range"):
            begin, _, end = asked.removeprefix("bytes=").partition("-")
            first, last = int(begin), min(int(end or last), last)
        self.send_response(HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK)
        self.send_header("Content-Type", "video/mp4" if content else "text/html")
        self.send_header("Content-Length", str(last + 1 - first))
        self.send_header("Accept-Ranges", "bytes")
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.end_headers()
        try:
            self.wfile.write(content[first : last + 1])
        except ConnectionError:
            return  # a browser that has seen enough hangs up

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's. Not for the whole session: while it lasts, asyncio.run cannot be used in the same thread."""
    expect.set_options(timeout=LIMIT_S * 1000)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET_CHROMIUM)
        yield found
        found.close()


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Iterator[Page]:
    """An empty page, beside a server of files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    page = chromium.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    yield page
    page.close()
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def in_browser(browser: Page) -> Callable[[Sequence[Path]], list[int]]:
    """Plays files in Chromium, to their end and again from the middle; how many pictures each showed."""

    def play(files: Sequence[Path]) -> list[int]:
        script = f"urls => Promise.all(urls.map({PLAY}))"
        shown = browser.evaluate(script, [str(file) for file in files])
        for file, one in zip(files, shown, strict=True):
            assert not one["wrong"], f"{file}: {one['wrong']}"
            assert one["seeked_s"] > 0, file
        return [one["pictures"] for one in shown]

    return play


class PowerCut(BaseException):
    """The machine is gone: nothing catches this."""


class Steps:
    """Cuts the power before or after the n-th step. A step: a function, by where it is and its name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def cut(
        self, steps: Sequence[tuple[object, str]], cut_at: int, *, after: bool, work: Callable[[], object]
    ) -> bool:
        """Do the work until the power is cut; whether it was."""
        done = 0

        def wrap(real: Callable[..., object]) -> Callable[..., object]:
            def step(*args: object, **kwargs: object) -> object:
                nonlocal done
                done += 1
                cut = done == cut_at
                if cut and not after:
                    raise PowerCut
                result = real(*args, **kwargs)
                if cut:
                    raise PowerCut
                return result

            return step

        with self._monkeypatch.context() as patched:
            for owner, name in steps:
                patched.setattr(owner, name, wrap(getattr(owner, name)))
            try:
                work()
            except PowerCut:
                return True
        return False


@pytest.fixture
def power(monkeypatch: pytest.MonkeyPatch) -> Steps:
    return Steps(monkeypatch)


class ManualClock:
    """Time that only tests move: both clocks and the trust in them."""

    def __init__(self) -> None:
        self.wall_us, self.mono_us = 1_790_000_000_000_000, 100_000_000
        self.trusted, self.boot_id = True, "boot"

    def __call__(self) -> Stamp:
        return Stamp(self.wall_us, self.mono_us, self.boot_id, self.trusted)

    def sleep(self, seconds: float) -> None:
        self.wall_us += round(seconds * 1_000_000)
        self.mono_us += round(seconds * 1_000_000)


@pytest.fixture
def now() -> ManualClock:
    return ManualClock()
