"""What is known of a camera, as footage.db keeps it. Never here: pictures, or what a view means."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from controller.store.schema import known_camera as known_camera_table
from controller.store.schema import segment as segment_table

T = TypeVar("T")


class _Transact(Protocol):
    def __call__(self, query: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """asked: id of the event by which a person asked for it to be learnt anew; empty: nobody did.

    colour_view, grey_view: where edges stay in its pictures with colours and in those without, packed; None:
    not learnt yet. usual_kbps: the least that it sent in each of the last hours, newest last.
    """

    camera: str
    asked: str = ""
    colour_view: bytes | None = None
    grey_view: bytes | None = None
    usual_kbps: tuple[int, ...] = ()


class KnownCameras:
    """Used by the owner of footage.db. transact: see ``Footage.transact``.

    Raises DatabaseUnusable.
    """

    def __init__(self, transact: _Transact) -> None:
        self._transact = transact

    def find(self, camera: str) -> KnownCamera:
        """Nothing is known of a camera that is new."""
        return self._transact(lambda connection: _find(connection, camera))

    def keep(self, known: KnownCamera) -> None:
        """From now on; but nothing that was learnt before somebody asked for it to be learnt anew."""

        def keep(connection: Connection) -> None:
            if _find(connection, known.camera).asked == known.asked:
                _write(connection, known)

        self._transact(keep)

    def forget(self, camera: str, asked: str) -> bool:
        """Somebody asked, in the event of this id. Returns whether that is news."""

        def forget(connection: Connection) -> bool:
            if _find(connection, camera).asked == asked:
                return False
            _write(connection, KnownCamera(camera, asked))
            return True

        return self._transact(forget)

    def drop_gone(self, cameras: Collection[str]) -> int:
        """Forget all others of which there is no footage; returns how many."""
        known = known_camera_table.c.camera
        recorded = select(segment_table.c.camera)
        gone = delete(known_camera_table).where(known.not_in(list(cameras)), known.not_in(recorded))
        return self._transact(lambda connection: connection.execute(gone).rowcount)


def _find(connection: Connection, camera: str) -> KnownCamera:
    query = select(known_camera_table).where(known_camera_table.c.camera == camera)
    row = connection.execute(query).one_or_none()
    if row is None:
        return KnownCamera(camera)
    usual = tuple(int(kbps) for kbps in json.loads(row.usual_kbps))
    return KnownCamera(row.camera, row.asked, row.colour_view, row.grey_view, usual)


def _write(connection: Connection, known: KnownCamera) -> None:
    values = {
        "asked": known.asked,
        "colour_view": known.colour_view,
        "grey_view": known.grey_view,
        "usual_kbps": json.dumps(known.usual_kbps),
    }
    row = insert(known_camera_table).values(camera=known.camera, **values)
    connection.execute(row.on_conflict_do_update(index_elements=[known_camera_table.c.camera], set_=values))
