"""``unlocked door`` as it ships, but for one thing: its journal takes events and writes nothing.

Shows what of a swipe's time is the journal's. Never a way to run a door.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import count

from controller.commands.main import main
from controller.core.event import Event, NewEvent, event_id
from controller.store.journal import Journal

_seq = count(1)


def _append(self: Journal, events: Sequence[NewEvent]) -> list[Event]:  # noqa: ARG001 -- a method's place
    return [
        Event(
            next(_seq),
            event_id(new.stamp.wall_us, secrets.randbits(74)),
            new.type,
            new.stamp,
            new.subject,
            dict(new.data),
        )
        for new in events
    ]


if __name__ == "__main__":
    Journal.append = _append  # type: ignore[method-assign]
    main()
