"""How the recorder's parts fit together, whatever drivers, clock and files they are given.

The composition root (``main``) gives real ones, the tests others. Never here: opening or choosing them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from controller.core.event import Stamp
from controller.core.protection import Protection
from controller.core.retention.footage import FootageRule
from controller.devices import Camera
from controller.recorder.alive import Alive
from controller.recorder.books import Books
from controller.recorder.capture.cameras import Cameras
from controller.recorder.capture.writing import Recording
from controller.recorder.clips.following import Followed
from controller.recorder.clips.making import Clips, Margins
from controller.recorder.happenings import Happening
from controller.recorder.history import History
from controller.recorder.keeping.disposal import Disposal
from controller.recorder.keeping.footage_disk import FootageDisk
from controller.recorder.keeping.forecasting import Forecasting
from controller.recorder.keeping.keeper import Keeper
from controller.recorder.keeping.space import Floor
from controller.recorder.now import Now
from controller.recorder.permission import PERMITTED, Permission
from controller.recorder.service import Parts, Recorder
from controller.recorder.watching.asked import Asked
from controller.recorder.watching.health import HealthWatch
from controller.service import Notifier, Stop
from controller.store.footage import Footage
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be recorded and kept, from the settings.

    folder: of the footage; it exists. site: the branch. clock_source: what vouches for the clock, as
    certificates say it. sweep_limit: how many segments a sweep destroys at most. permission: whether anything
    is recorded at all; what is due is destroyed either way.
    """

    folder: Path
    recordings: Sequence[Recording]
    rule: FootageRule
    margins: Margins
    sweep_interval_us: int
    site: str
    clock_source: str
    sweep_limit: int = 5_000
    permission: Permission = PERMITTED


@dataclass(frozen=True, slots=True)
class World:
    """What is outside. open_camera, open_sub: by camera id; the second of those with a smaller stream.

    holds: reads all holds and restrictions afresh; raises DatabaseUnusable.
    """

    now: Now
    open_camera: Mapping[str, Callable[[], Camera]]
    holds: Callable[[], Sequence[Protection]]
    floor: Floor
    notifier: Notifier
    stop: Stop
    inbox: queue.SimpleQueue[Happening | None]
    open_sub: Mapping[str, Callable[[], Camera]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stores:
    """What is owned, open, and the journals that are read. history: of ``journal``, as it was before.

    followed: those with causes of clips. dispose: a little of the journal's events that are due; whether
    there is more.
    """

    journal: Journal
    footage: Footage
    history: History
    followed: Sequence[JournalReader]
    console: JournalReader
    alive: Alive
    disk: FootageDisk
    dispose: Callable[[Stamp], bool] = lambda _now: False


def assemble(plan: Plan, world: World, stores: Stores) -> Recorder:
    """A recorder that is ready to ``run``."""
    recordings = plan.recordings if plan.permission.may_record else ()
    camera_ids = [recording.camera for recording in recordings]
    allowed = threading.Event()
    known_cameras = stores.footage.known_cameras
    healths = {
        recording.camera: HealthWatch(
            known_cameras.find(recording.camera),
            stores.history.faults.get(recording.camera, frozenset()),
            recording.min_kbps,
            world.inbox.put,
        )
        for recording in recordings
    }
    books = Books(stores.journal, stores.footage)
    clips = Clips(stores.footage, camera_ids, plan.margins, stores.history.announced)
    disposal = Disposal(
        folder=plan.folder,
        footage=stores.footage,
        journal=stores.journal,
        holds=world.holds,
        rule=plan.rule,
        site=plan.site,
        clock_source=plan.clock_source,
        policy=plan.permission.profile.sha256 if plan.permission.profile else "",
        unfinished=list(stores.history.unfinished),
    )
    parts = Parts(
        folder=plan.folder,
        camera_ids=camera_ids,
        cameras=Cameras(
            recordings,
            world.open_camera,
            world.open_sub,
            healths,
            world.now.of_cameras,
            world.inbox.put,
            allowed,
        ),
        books=books,
        footage=stores.footage,
        history=stores.history,
        keeper=Keeper(
            footage=stores.footage,
            disposal=disposal,
            guard=stores.history.guard,
            floor=world.floor,
            forecasting=Forecasting(disposal, world.floor, camera_ids),
            books=books,
            allowed=allowed,
            sweep_interval_us=plan.sweep_interval_us,
            sweep_limit=plan.sweep_limit,
            alive=world.notifier.watchdog,
        ),
        asked=Asked(stores.console, known_cameras, healths),
        clips=clips,
        followed=[Followed(reader, clips) for reader in stores.followed],
        alive=stores.alive,
        disk=stores.disk,
        dispose=stores.dispose,
        permission=plan.permission,
    )
    return Recorder(parts, now=world.now, notifier=world.notifier, stop=world.stop, inbox=world.inbox)
