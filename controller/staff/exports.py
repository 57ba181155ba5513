"""An export by staff: which masks it has, what its manifest says, and its event.

Never here: making the films (``controller.footage.export``), and who may have them (``viewing``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from controller.core.event import EventType, Stamp
from controller.footage.export.manifest import FORMAT, Branch, Corners, Manifest
from controller.footage.export.wanted import Exported
from controller.secrets.minisign_signing import SigningKey
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.staff.account import Account
from controller.staff.clips import gaps, happening
from controller.staff.journal import StaffJournal
from controller.store.footage import Clip, Segment


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be exported. clip: None where a range was asked for."""

    camera: str
    begins_us: int
    ends_us: int
    clip: Clip | None


def masks_of(settings: Settings, camera: str) -> tuple[Corners, ...] | None:
    """What is to be filled in; None if the camera is not in the settings any more: then nobody knows.

    Where we encode what a camera sees, its masks are in the footage already.
    """
    for found in settings.cameras:
        if found.id == camera:
            return found.masks if found.kind == "rtsp" else ()
    return None


def described(
    settings: Settings,
    asked: Asked,
    exported: Exported,
    segments: Sequence[Segment],
    who: Account,
    need: str,
    now: Stamp,
    key: SigningKey,
) -> Manifest:
    """The manifest of what was exported. Raises DatabaseUnusable."""
    paths, branch = Paths.of(settings), settings.branch
    return Manifest(
        format=FORMAT,
        software=f"libraries-unlocked {version('libraries-unlocked')}",
        branch=Branch(authority=branch.authority, branch=branch.branch, name=branch.name),
        camera=asked.camera,
        asked_from=asked.begins_us,
        asked_to=asked.ends_us,
        clip=asked.clip.id if asked.clip else None,
        event=happening(paths, asked.clip.event_id, segments, exported.films) if asked.clip else None,
        need=need,
        exported_by=who.user,
        exported_at=now.wall_us,
        clock_trusted=now.clock_trusted,
        signed_with=key.public.shown,
        films=exported.films,
        gaps=gaps(settings, asked.camera, exported.gaps, now.wall_us),
    )


def record(journal: StaffJournal, asked: Asked, manifest: Manifest, who: Account) -> None:
    """Before anybody has the files. Raises JournalUnavailable."""
    journal.record(
        EventType.CLIP_EXPORTED,
        asked.camera,
        {
            "clip": manifest.clip,
            "cause": asked.clip.event_id if asked.clip else None,
            "need": manifest.need,
            **who.data,
            "start_us": asked.begins_us,
            "end_us": asked.ends_us,
            "segments": sum(len(film.parts) for film in manifest.films),
            "not_as_recorded": sum(not part.as_recorded for film in manifest.films for part in film.parts),
            "gaps": len(manifest.gaps),
            "size_bytes": sum(film.size_bytes for film in manifest.films),
            "sha256": [film.sha256 for film in manifest.films],
            "manifest_sha256": hashlib.sha256(manifest.text()).hexdigest(),
        },
    )
