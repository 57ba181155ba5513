"""What is known of a clip: its event, where in its films that is, and why some of it is missing.

Never here: pictures, and who may see them (``viewing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from controller.core.event import Event
from controller.footage.export.manifest import ClipEvent, ExplainedGap, FilmFile
from controller.footage.export.missing import TYPES, explained
from controller.footage.moments import place_of
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.footage import Segment
from controller.store.journal_reader import JournalMissing, JournalReader

JOURNALS = ("door", "recorder")
"""Where the causes of clips are."""
UNFINISHED = "not_written_yet"
"""Of a gap that reaches up to now: the file that is being written cannot be exported yet."""
LONGEST_PAUSE_US = 30 * 24 * 3600 * 1_000_000
"""How far back it is looked for why nothing was recorded: as long as footage is kept."""


def cause(paths: Paths, event_id: str) -> Event | None:
    """The event of a clip, if a journal still has it. Raises DatabaseUnusable."""
    for service in JOURNALS:
        with closing(JournalReader(paths.journal(service))) as journal:
            try:
                if (event := journal.find(event_id)) is not None:
                    return event
            except JournalMissing:
                continue
    return None


def happening(
    paths: Paths, event_id: str, segments: Sequence[Segment], films: Sequence[FilmFile]
) -> ClipEvent:
    """The event of a clip, and where in the films it is. Raises DatabaseUnusable."""
    event, place = cause(paths, event_id), place_of(event_id, segments)
    film_name, film_at_us = None, None
    for film in films if place else ():
        for part in film.parts:
            assert place is not None
            at_us = place.segment.start_us + place.offset_us
            if part.segment == place.segment.id and part.shown_from <= at_us < part.shown_to:
                film_name, film_at_us = film.name, part.film_at_us + at_us - part.shown_from
    return ClipEvent(
        id=event_id,
        type=event.type.value if event else None,
        at=event.stamp.wall_us if event else None,
        film=film_name,
        film_at_us=film_at_us,
    )


def gaps(
    settings: Settings, camera: str, found: Sequence[tuple[int, int]], now_us: int
) -> tuple[ExplainedGap, ...]:
    """With what the recorder's journal says of them. Raises DatabaseUnusable."""
    if not found:
        return ()
    with closing(JournalReader(Paths.of(settings).journal("recorder"))) as journal:
        since_us = max(0, found[0][0] - LONGEST_PAUSE_US)
        try:
            *others, last = explained(found, camera, list(journal.since(since_us, TYPES)))
        except JournalMissing:
            *others, last = explained(found, camera, ())
    unfinished_us = 2 * settings.footage.segment_s * 1_000_000
    if last.cause is None and last.ends > now_us - unfinished_us:
        last = last.model_copy(update={"cause": UNFINISHED})
    return (*others, last)
