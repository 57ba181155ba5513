"""``unlocked camera watch``: what a camera sees of motion, to set up its zones.

No picture is shown, and none is kept unless it is asked for. That is to look at people, as looking at footage
is: for those who may, for a need, and journalled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.clip.viewing import check_viewing, need_option
from controller.commands.common import config_option, load_settings

if TYPE_CHECKING:
    from controller.commands.camera.looks import Look
    from controller.core.event import JsonValue
    from controller.devices import Camera, Clock
    from controller.settings.model import Settings
    from controller.settings.recording import CameraSettings
    from controller.store.known_cameras import KnownCamera

_PICTURE_US = 1_000_000
"""How often at most the picture is written anew."""


def _picture_file(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    from controller.commands.camera.picture import SUFFIXES

    if value is not None and value.suffix.lower() not in SUFFIXES:
        raise click.BadParameter(f"{value.name}: its name must end in {', '.join(SUFFIXES)}")
    return value


@click.command("watch", short_help="What a camera sees of motion, to set up its zones.")
@click.argument("camera_id", metavar="ID")
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_picture_file,
    help="Write what it sees there, with its zones, its masks and what moves, and anew with each motion.",
)
@need_option
@click.option("--keyframes", is_flag=True, help="Look at the recorded stream's keyframes, despite a sub_url.")
@click.option("--for", "for_s", type=click.IntRange(1, 3600), metavar="SECONDS", help="End by itself.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each picture that is looked at.")
@config_option
def watch(
    camera_id: str,
    picture: Path | None,
    need: str | None,
    keyframes: bool,
    for_s: int | None,
    as_json: bool,
    config: Path,
) -> None:
    """Show how much moves before the camera ID, zone by zone, and from how much on it counts.

    It connects to the camera by itself, whether or not the recorder runs. Ctrl-C ends it. A picture is for
    staff with the role cctv whose training is in date ([[staff]] in branch.toml), with the need; that it was
    asked for, or refused, is journalled.
    """
    from controller.commands import when
    from controller.commands.camera.display import display
    from controller.devices import DeviceLost
    from controller.secrets.credentials import SecretMissing
    from controller.store.journal import JournalUnavailable
    from drivers.system_clock import SystemClock

    settings = load_settings(config)
    camera = _named(settings, camera_id)
    clock = SystemClock()
    keyframes = keyframes or not camera.sub_url
    try:
        taken = None if picture is None else _asked_for(picture, camera, settings, config, need)
        known = _known(settings, camera_id)
        with closing(_opened(settings, camera, clock, keyframes)) as opened:
            title = _title(camera, opened, keyframes)
            with display(title, when.zone(settings), as_json=as_json) as shown:
                for look in _looks(opened, camera, known, clock, keyframes, for_s):
                    shown.show(look.seen, look.health, clock.read().wall_us)
                    if taken is not None:
                        taken.consider(look)
    except KeyboardInterrupt:
        pass
    except DeviceLost as error:
        raise click.ClickException(_remedy(camera, str(error))) from error
    except (SecretMissing, JournalUnavailable) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{picture}: {error.strerror or error}") from error
    if taken is not None:
        click.echo(taken.told(), err=True)


def _asked_for(
    picture: Path, camera: CameraSettings, settings: Settings, config: Path, need: str | None
) -> _Taken:
    """Raises click.ClickException for whoever may not have one, and JournalUnavailable."""
    from controller.commands.staff_journal import staff_journal

    with staff_journal(settings) as journal:
        who, need = check_viewing(settings, journal, config, need, "picture")
    return _Taken(picture, camera, settings, {"need": need, **who.data})


def _named(settings: Settings, camera_id: str) -> CameraSettings:
    for camera in settings.cameras:
        if camera.id == camera_id:
            return camera
    ours = ", ".join(camera.id for camera in settings.cameras) or "none"
    raise click.ClickException(f"there is no camera {camera_id} in the settings; there are: {ours}")


def _known(settings: Settings, camera_id: str) -> KnownCamera:
    """What the recorder has learnt of the camera so far."""
    from controller.settings.paths import Paths
    from controller.store.engine import DatabaseMissing, DatabaseUnusable
    from controller.store.footage import FootageReader
    from controller.store.known_cameras import KnownCamera, KnownCameras

    try:
        with closing(FootageReader(Paths.of(settings).footage)) as footage:
            return KnownCameras(footage.read).find(camera_id)
    except DatabaseMissing:
        return KnownCamera(camera_id)
    except DatabaseUnusable as error:
        click.echo(f"what the recorder knows of the camera cannot be read: {error}", err=True)
        return KnownCamera(camera_id)


def _title(camera: CameraSettings, opened: Camera, keyframes: bool) -> str:
    video = opened.format
    which = "its keyframes" if keyframes else "five pictures a second of its smaller stream"
    off = "" if camera.motion else ". motion = false: the recorder does not look for any"
    return f"{camera.id}: {which}, {video.width} x {video.height}, {video.codec}{off}"


def _opened(settings: Settings, camera: CameraSettings, clock: Clock, keyframes: bool) -> Camera:
    from controller.recorder.hardware import opener, sub_opener
    from controller.secrets import credentials
    from controller.secrets.credentials import Secret
    from controller.settings.paths import Paths

    folder = Paths.of(settings).secrets

    def secret(name: str) -> Secret:
        return credentials.read(name, folder)

    open_sub = None if keyframes else sub_opener(camera, secret)
    return (open_sub or opener(camera, clock, secret))()


def _remedy(camera: CameraSettings, fault: str) -> str:
    if camera.kind == "rtsp":
        return f"{fault}. Do url, sub_url and username fit, and does the camera allow one more connection?"
    return (
        f"{fault}. A camera that is no network camera has room for one: stop the recorder, watch, and start "
        "it again:\n  sudo systemctl stop unlocked-recorder"
    )


def _looks(
    opened: Camera,
    camera: CameraSettings,
    known: KnownCamera,
    clock: Clock,
    keyframes: bool,
    for_s: int | None,
) -> Iterator[Look]:
    from controller.commands.camera.looks import looks
    from controller.recorder.watching.zones import view_of

    until_us = None if for_s is None else clock.since_boot_us() + for_s * 1_000_000
    for look in looks(opened, view_of(camera), known, clock.since_boot_us, keyframes=keyframes):
        if look is not None:
            yield look
        if until_us is not None and clock.since_boot_us() >= until_us:
            return


class _Taken:
    """The picture that was asked for: the first once the background is known, then each motion's."""

    def __init__(
        self, file: Path, camera: CameraSettings, settings: Settings, asked: dict[str, JsonValue]
    ) -> None:
        """asked: by whom, and for which need."""
        self._asked = asked
        self._file = file
        self._camera = camera
        self._settings = settings
        self._count = 0
        self._last_us = 0

    def consider(self, look: Look) -> None:
        """Raises JournalUnavailable, OSError."""
        import numpy as np

        from controller.commands.camera.picture import save
        from controller.footage.set_up_picture import draw

        if look.seen.learning or (self._count and not look.seen.moving):
            return
        if self._count and look.mono_us - self._last_us < _PICTURE_US:
            return
        if not self._count:
            self._journal()
        self._count, self._last_us = self._count + 1, look.mono_us
        picture = np.asarray(look.frame.to_ndarray(format="bgr24"), np.uint8)
        zones = [(zone.polygon, zone.sensitivity) for zone in self._camera.zones]
        drawn = draw(picture, self._camera.masks, zones, self._caption(look), look.seen.moved)
        save(self._file, drawn)

    def _journal(self) -> None:
        from controller.commands.staff_journal import staff_journal
        from controller.core.event import EventType

        with staff_journal(self._settings) as journal:
            journal.record(EventType.CAMERA_PICTURE_TAKEN, self._camera.id, self._asked)

    def _caption(self, look: Look) -> str:
        from controller.commands import when
        from controller.commands.camera import meter as camera_meter
        from drivers.system_clock import SystemClock

        moment = when.shown(SystemClock().read().wall_us, when.zone(self._settings))
        return f"{self._camera.id}  {moment}  {camera_meter.line([look.seen])}"

    def told(self) -> str:
        if not self._count:
            return f"{self._file}: not written, since the view was not learnt yet"
        return f"{self._file}: written {self._count} times" if self._count > 1 else f"{self._file}: written"
