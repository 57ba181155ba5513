from __future__ import annotations

import json
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import Result

from controller.commands.camera import meter as camera_meter
from controller.commands.camera.picture import save
from controller.core.camera_health import Figures
from controller.core.event import EventType
from controller.devices import DeviceLost
from controller.footage.set_up_picture import draw
from controller.recorder.watching.motion import Seen, ZoneSeen
from controller.recorder.watching.view import ReferenceView
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Footage
from controller.store.journal_reader import JournalReader
from controller.store.known_cameras import KnownCamera, KnownCameras
from drivers.rtsp_camera import RtspCamera
from simulator.camera.camera import Camera

Unlocked = Callable[..., Result]

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
CORNER = ((0.9, 0.9), (1.0, 0.9), (1.0, 1.0), (0.9, 1.0))


def answers(url: str) -> None:
    """Wait for a camera that has only just been switched on."""
    while True:
        try:
            return RtspCamera(url).close()
        except DeviceLost:
            time.sleep(0.05)


@pytest.fixture(scope="module")
def busy() -> Iterator[Camera]:
    """A camera before which somebody always walks."""
    stop = threading.Event()
    with Camera(width=320, height=180, fps=10) as camera:

        def walk() -> None:
            while not stop.wait(1.5):
                camera.walk()

        walker = threading.Thread(target=walk)
        walker.start()
        answers(camera.url)
        yield camera
        stop.set()
        walker.join()


@pytest.fixture
def at_camera(config: Path) -> Callable[..., None]:
    """Puts a camera into the settings."""

    def change(url: str, more: str = "") -> None:
        text = config.read_text().replace("rtsp://camera-1.example/stream1", url)
        config.write_text(text.replace('#kind = "rtsp"', more))

    return change


def told(settings: Settings) -> list[tuple[EventType, str, object]]:
    reader = JournalReader(Paths.of(settings).journal("console"))
    found = [
        (event.type, event.subject, event.data.get("need", event.data.get("cause")))
        for event in reader.since(0)
    ]
    reader.close()
    return found


def test_what_moves_is_shown_and_the_picture_that_was_asked_for_is_journalled(
    unlocked: Unlocked, settings: Settings, busy: Camera, at_camera: Callable[..., None], tmp_path: Path
) -> None:
    at_camera("rtsp://127.0.0.1:1/none", f'sub_url = "{busy.url}"')
    picture = ("--picture", tmp_path / "v.png", "--need", "SETUP-1")
    result = unlocked("camera", "watch", "entrance", "--json", "--for", 3, *picture)
    assert result.exit_code == 0, result.output
    looks = [json.loads(line) for line in result.stdout.splitlines()]
    assert 8 <= len(looks) <= 18  # five a second, though ten come
    assert looks[0]["learning"]
    assert any(look["moving"] and look["zones"][0]["moving"] for look in looks)
    assert all(look["light_level"] > 100 and look["view_kept"] is None for look in looks)
    assert cv2.imread(str(tmp_path / "v.png")).shape == (540, 960, 3)
    assert stat.S_IMODE((tmp_path / "v.png").stat().st_mode) == 0o600
    assert re.search(r"v\.png: written", result.stderr)
    assert told(settings) == [(EventType.CAMERA_PICTURE_TAKEN, "entrance", "SETUP-1")]


def test_a_picture_is_for_those_who_may_look_at_footage_and_for_a_need(
    unlocked: Unlocked, settings: Settings, config: Path, tmp_path: Path
) -> None:
    """ "Footage is viewed only by trained staff, as and when a need has been raised": live as well."""
    picture = ("camera", "watch", "entrance", "--picture", tmp_path / "v.png")
    assert unlocked(*picture).exit_code == 2
    config.write_text(config.read_text().replace("trained_until = ", "trained_until = 2020-01-01 # "))
    refused = unlocked(*picture, "--need", "SETUP-1")
    assert (refused.exit_code, "training" in refused.stderr) == (1, True)
    assert not (tmp_path / "v.png").exists()
    assert told(settings) == [
        (EventType.FOOTAGE_VIEW_REFUSED, "footage", "no_need"),
        (EventType.FOOTAGE_VIEW_REFUSED, "footage", "training_lapsed"),
    ]


def test_without_a_smaller_stream_keyframes_are_looked_at(
    unlocked: Unlocked, busy: Camera, at_camera: Callable[..., None]
) -> None:
    at_camera(busy.url)
    result = unlocked("camera", "watch", "entrance", "--for", 1)
    assert result.exit_code == 0, result.output
    title, *lines = result.stdout.splitlines()
    assert title == "entrance: its keyframes, 320 x 180, h264"
    assert 1 <= len(lines) <= 3
    assert all(re.search(r"zone 1 \d\.\d\d% of 0\.20%", line) for line in lines)


def test_a_camera_that_does_not_answer_is_an_error_in_a_line(
    unlocked: Unlocked, settings: Settings, at_camera: Callable[..., None], tmp_path: Path
) -> None:
    at_camera("rtsp://127.0.0.1:1/none")
    result = unlocked("camera", "watch", "entrance", "--picture", tmp_path / "v.png", "--need", "SETUP-1")
    assert result.exit_code == 1
    assert re.search(r"^Error: .*127.0.0.1:1.* Do url, sub_url and username fit", result.stderr, re.M)
    assert not list(tmp_path.glob("*v.png*"))
    assert told(settings) == []


def test_an_unknown_camera_and_a_strange_file_are_refused(unlocked: Unlocked) -> None:
    result = unlocked("camera", "watch", "door")
    assert (result.exit_code, "there are: entrance" in result.stderr) == (1, True)
    result = unlocked("camera", "watch", "entrance", "--picture", "view.bmp")
    assert (result.exit_code, "its name must end in .png" in result.stderr) == (2, True)


def test_a_missing_password_is_named(unlocked: Unlocked, at_camera: Callable[..., None]) -> None:
    at_camera("rtsp://127.0.0.1:1/none", 'username = "viewer"')
    result = unlocked("camera", "watch", "entrance")
    assert (result.exit_code, "camera-entrance-password" in result.stderr) == (1, True)


# --- what is drawn and written ---------------------------------------------------------------------


def seen(share: float, **how: bool) -> Seen:
    moved = np.zeros((90, 160), np.uint8)
    moved[40:60, 20:40] = 255
    return Seen((ZoneSeen(1, share, 0.004),), moved, **how)


def test_masks_are_filled_zones_outlined_and_what_moved_is_red(tmp_path: Path) -> None:
    picture = np.full((720, 1280, 3), 200, np.uint8)
    drawn = draw(picture, (CORNER,), ((LEFT, 50),), "caption", seen(0.03).moved)
    assert (picture == 200).all()
    assert not drawn[680:710, 1200:1270].any()
    assert drawn[400, 240].tolist() == [120, 120, 215]
    assert (drawn[300, 634:646] != 200).any()  # the zone's right edge
    assert drawn[300, 900].tolist() == [200, 200, 200]
    save(tmp_path / "v.jpg", drawn)
    assert cv2.imread(str(tmp_path / "v.jpg")).shape == (720, 1280, 3)


@pytest.mark.parametrize(("share", "filled"), [(0.0, 0), (0.001, 5), (0.004, 12), (0.04, 22), (1.0, 24)])
def test_the_bar_reaches_its_mark_when_it_counts(share: float, filled: int) -> None:
    (bar,) = camera_meter.bars(seen(share), {1: share}, plain=True)
    assert bar.count("#") == filled
    assert len(bar) <= 81
    assert bar.index("|") == 2 + 10 + 2 + 12


def test_a_line_says_the_most_of_its_pictures() -> None:
    line = camera_meter.line([seen(0.0), seen(0.03), seen(0.001), seen(0.9, light=True)])
    assert line == "zone 1 3.00% of 0.40%  MOTION"
    assert camera_meter.line([seen(0.9, light=True)]) == "zone 1 0.00% of 0.40%  the light changed"


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        (Figures(164, 0.42), "view not learnt yet (moved below 35%)  nothing is wrong with the picture"),
        (Figures(164, 0.42, kept=0.97, reference_shown=0.4), "view 97% as learnt (moved below 35%)  nothing"),
        (
            Figures(164, 0.42, kept=0.2, reference_shown=0.4, elsewhere=True),
            "view 20% as learnt, but elsewhere (moved below 35%)  the picture is moved",
        ),
        (Figures(12, 0.0), "light 12 of 255 (dark below 28)  edges in 0% (covered below 12%)"),
    ],
)
def test_what_health_sees_is_said_with_its_limits(figures: Figures, said: str) -> None:
    assert said in "\n".join(camera_meter.health(figures))


def test_a_fault_of_the_picture_is_in_the_line_and_in_json() -> None:
    assert camera_meter.line([seen(0.0)], Figures(12, 0.0)).endswith("nothing moves  dark")
    assert json.loads(camera_meter.as_json(seen(0.0), Figures(12, 0.0), 1))["fault"] == "dark"


def test_the_learnt_view_is_what_pictures_are_held_against(
    unlocked: Unlocked, settings: Settings, busy: Camera, at_camera: Callable[..., None]
) -> None:
    strange = np.zeros((90, 160), np.bool_)
    strange[::9, :], strange[:, ::7] = True, True
    with closing(Footage.open(Paths.of(settings).footage)) as footage:
        KnownCameras(footage.transact).keep(
            KnownCamera("entrance", colour_view=ReferenceView(strange).packed())
        )
    at_camera(busy.url)
    result = unlocked("camera", "watch", "entrance", "--json", "--for", 1)
    assert json.loads(result.stdout.splitlines()[-1])["view_kept"] < 0.5
