"""``unlocked run``: all services of a branch under the supervisor, where there is no systemd."""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.commands.common import SettingsUnusable, load_settings

if TYPE_CHECKING:
    from controller.settings.model import Settings
    from controller.supervisor import Service

DOOR_WATCHDOG_S = 5.0
"""A door that hangs is killed after so long; the lock's own deadline has secured it by then or soon after."""
DOOR_STOP_S = 5.0
LINES_WAITING = 10_000


@click.command("run")
@click.argument("file", type=click.Path(path_type=Path), envvar="UNLOCKED_CONFIG")
def command(file: Path) -> None:
    """Run the services of the branch that FILE describes, until Ctrl-C or SIGTERM.

    Starts them in order, starts again what dies, kills what hangs, makes the lock safe whenever the door's
    process is gone, and hands each the secrets it needs and no others. In production systemd does this.
    """
    from controller.secrets.credentials import SecretMissing
    from controller.service import Notifier
    from controller.settings.paths import Paths
    from controller.supervisor import Supervisor

    settings = load_settings(file)
    try:
        to_run = services(settings, file.resolve())
    except SecretMissing as error:
        raise SettingsUnusable(str(error)) from error
    _say_if_the_policy_is_a_draft(settings)
    run_dir = Paths.of(settings).run
    with _only_one(run_dir), _Lines() as lines:
        supervisor = Supervisor(
            to_run,
            folder=run_dir / "credentials",
            log=lines.put,
            all_ready=Notifier().ready,
        )
        done = supervisor.run()
    if not done:
        raise click.ClickException("the lock could not be made safe: see the lines above")


def _say_if_the_policy_is_a_draft(settings: Settings) -> None:
    """The recorder says it too, among all other lines."""
    from controller.recorder.permission import draft_banner, profile_of
    from controller.settings.policy.profile import Profile

    profile = profile_of(settings)
    if settings.cameras and isinstance(profile, Profile) and not profile.live:
        click.echo(draft_banner(profile), err=True)


def services(settings: Settings, file: Path) -> list[Service]:
    """What runs at this branch, in the order of starting. Raises SecretMissing.

    The recorder also runs where there is no camera: it destroys the footage that is due.
    """
    from controller.commands.door import make_safe
    from controller.secrets import credentials
    from controller.settings.paths import Paths
    from controller.supervisor import Service

    folder = Paths.of(settings).secrets
    needed = credentials.needed(settings)
    for name in {name for names in needed.values() for name in names}:
        credentials.read(name, folder)

    def service(name: str) -> Service:
        return Service(
            name,
            (sys.executable, "-m", "controller", name, "--config", str(file)),
            secrets={
                secret: credentials.stored_as(secret, folder)
                for secret in (*needed[name], *_wanted(name, folder))
            },
        )

    door = replace(
        service("door"),
        watchdog_s=DOOR_WATCHDOG_S,
        stop_s=DOOR_STOP_S,
        after_death=partial(make_safe, settings),
    )
    found = [service("membership"), door, service("recorder"), service("console")]
    # Where nothing is sent any more, what was journalled of it falls due all the same.
    if settings.mqtt.enabled or Paths.of(settings).journal("uplink").exists():
        found.append(service("uplink"))
    return found


def _wanted(service: str, folder: Path) -> tuple[str, ...]:
    """Those that are there: at a branch that is older than a secret, services run without it."""
    from controller.secrets import credentials

    return tuple(name for name in credentials.wanted(service) if credentials.stored_as(name, folder).exists())


@contextlib.contextmanager
def _only_one(run_dir: Path) -> Iterator[None]:
    """Two supervisors of one branch would fight over its lock."""
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        opened = (run_dir / "supervisor.lock").open("wb")
    except OSError as error:
        raise click.ClickException(
            f"branch.run_dir cannot be used: {error.filename}: {error.strerror}"
        ) from error
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise click.ClickException(f"this branch is being run already ({file.name} is locked)") from error
        yield


class _Lines:
    """Standard output by a thread of its own: a terminal that is held up must not hold the supervisor up.

    What does not fit into the queue is dropped, and counted.
    """

    def __init__(self) -> None:
        self._queue: queue.Queue[str | None] = queue.Queue(LINES_WAITING)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="lines", daemon=True)

    def __enter__(self) -> _Lines:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)
            self._thread.join(timeout=1.0)

    def put(self, name: str, line: str) -> None:
        try:
            self._queue.put_nowait(f"{name:<10} | {line}\n")
        except queue.Full:
            self._dropped += 1

    def _write(self) -> None:
        with contextlib.suppress(OSError):  # nobody reads any more: the services go on
            while (text := self._queue.get()) is not None:
                if self._dropped:
                    text += f"supervisor | {self._dropped} lines were dropped\n"
                    self._dropped = 0
                # Not through sys.stdout: its lock, held by a thread that is stuck, would abort our exit.
                os.write(1, text.encode())
