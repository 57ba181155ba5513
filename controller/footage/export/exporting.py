"""Footage as files that may leave: films of what was recorded, and what each of their pictures is.

Where packets are copied, a film begins at the keyframe at or before what was asked for, since no picture
before one can be shown. Where the camera changed the form of its pictures, another film begins. Every segment
is checked against its hash first. Never here: whether it may be seen, and the record that it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import chain
from pathlib import Path

import av
import av.container

from controller.devices import VideoFormat
from controller.footage import reading, video
from controller.footage.export.copying import copied, format_of
from controller.footage.export.film import CodedPicture, Film, Taken
from controller.footage.export.manifest import Corners, FilmFile, GroupOfPictures, Part, RecordedClock
from controller.footage.export.pictures import Group, Unreadable, measure
from controller.footage.export.staging import ExportError as ExportError
from controller.footage.export.staging import Staging
from controller.footage.export.transcode import EncodingFailed, Transcoder
from controller.footage.export.wanted import Exported as Exported
from controller.footage.export.wanted import Wanted as Wanted
from controller.footage.moments import gaps
from controller.footage.segment_name import SegmentName
from controller.store.footage import Segment


def _nobody(done: int, of: int) -> None:
    """How many segments are done."""


def export(
    wanted: Wanted,
    segments: Sequence[Segment],
    folder: Path,
    target: Path,
    staging: Staging,
    told: Callable[[int, int], None] = _nobody,
) -> Exported:
    """Write films that are to be ``target``, and beside it if it takes several. Raises ExportError.

    segments: those that overlap what is wanted, in order. told: is called as work goes on.
    """
    if not segments:
        raise ExportError("there is no footage of this: none was recorded, or it has been destroyed")
    work = _Work(wanted, folder, target, staging)
    try:
        for done, segment in enumerate(segments):
            told(done, len(segments))
            work.add(segment)
        told(len(segments), len(segments))
        films = work.finish()
    except (av.FFmpegError, OSError, Unreadable, EncodingFailed) as error:
        raise ExportError(f"{target}: {error}") from error
    finally:
        work.close()
    if not films:
        raise ExportError("there is no picture in what was asked for")
    shown = [(part.shown_from, part.shown_to) for film in films for part in film.parts]
    return Exported(films, tuple(gaps(wanted.begins_us, wanted.ends_us, shown)))


@dataclass
class _Begun:
    """A film that is being written. source: form of the pictures that it takes."""

    name: Path
    file: Path
    source: VideoFormat
    encoder: Transcoder | None
    film: Film
    taken: list[tuple[Segment, bool, Taken]] = field(default_factory=list)


class _Work:
    def __init__(self, wanted: Wanted, folder: Path, target: Path, staging: Staging) -> None:
        self._wanted = wanted
        self._folder = folder
        self._target = target
        self._staging = staging
        self._begun: _Begun | None = None
        self._finished: list[FilmFile] = []
        self._encoders = ExitStack()

    def add(self, segment: Segment) -> None:
        path = self._folder / segment.name
        with ExitStack() as stack:
            try:
                content = stack.enter_context(reading.opened(path))
                as_recorded = reading.digest(content) == segment.sha256
                if not as_recorded and not self._wanted.damaged:
                    raise ExportError(f"{path} is not what was recorded: its hash differs; {_DAMAGED}")
                source = stack.enter_context(video.film(content))
                form = format_of(source)
            except (OSError, av.FFmpegError, LookupError) as error:
                if self._wanted.damaged:
                    return  # it becomes a gap
                raise ExportError(f"{path}: {getattr(error, 'strerror', error)}; {_DAMAGED}") from error
            self._take(segment, content, source, form, as_recorded)

    def _take(
        self,
        segment: Segment,
        content: BufferedReader,
        source: av.container.InputContainer,
        form: VideoFormat,
        as_recorded: bool,
    ) -> None:
        wanted, begun = self._wanted, self._begun
        encoder = begun.encoder if begun and begun.source == form else None
        if encoder is None and (wanted.masks or wanted.encode):
            encoder = self._encoders.enter_context(Transcoder(wanted.masks))
        wall = (segment.start_us, wanted.begins_us, wanted.ends_us)
        pictures = encoder.pictures(content, *wall) if encoder else copied(source, *wall)
        if not as_recorded:
            pictures = _as_far_as_it_goes(pictures)
        if (first := next(pictures, None)) is None:
            return
        if begun is None or begun.source != form:
            begun = self._begin(form, encoder)
        if taken := begun.film.take(chain((first,), pictures)):
            begun.taken.append((segment, as_recorded, taken))

    def _begin(self, form: VideoFormat, encoder: Transcoder | None) -> _Begun:
        self.finish()
        target, number = self._target, len(self._finished) + 1
        name = target if number == 1 else target.with_name(f"{target.stem}-{number}{target.suffix}")
        file = self._staging.add(name)
        film = Film(file, encoder.format if encoder else form)
        self._begun = _Begun(name, file, form, encoder, film)
        return self._begun

    def finish(self) -> tuple[FilmFile, ...]:
        """End the film that is being written; all there are."""
        if begun := self._begun:
            begun.film.close()
            self._begun = None
            self._finished.append(_described(begun, self._wanted.masks))
        return tuple(self._finished)

    def close(self) -> None:
        self._encoders.close()
        if self._begun:
            with suppress(av.FFmpegError, OSError):  # it is about to be thrown away
                self._begun.film.close()


_DAMAGED = "--damaged exports what can be read of it, and says so"


def _as_far_as_it_goes(pictures: Iterator[CodedPicture]) -> Iterator[CodedPicture]:
    with suppress(av.FFmpegError, EncodingFailed):
        yield from pictures


def _described(begun: _Begun, masks: tuple[Corners, ...]) -> FilmFile:
    """Of what is on the disk, rather than of what was meant to be."""
    pictures, film = measure(begun.file), begun.film
    with begun.file.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    if sum(group.pictures for group in pictures.groups) != film.count or (
        begun.encoder is None and pictures.payloads_sha256 != film.payloads_sha256
    ):
        raise ExportError(f"{begun.name}: what was written does not hold the pictures that it should")
    groups = iter(pictures.groups)
    return FilmFile(
        name=begun.name.name,
        size_bytes=begun.file.stat().st_size,
        sha256=digest,
        codec=film.format.codec,
        width=film.format.width,
        height=film.format.height,
        length_us=film.length_us,
        pictures="encoded_anew" if begun.encoder else "as_recorded",
        masks=masks,
        payloads_sha256=pictures.payloads_sha256,
        times_sha256=pictures.times_sha256,
        parameters_sha256=pictures.parameters_sha256,
        parts=tuple(_part(groups, *taken) for taken in begun.taken),
    )


def _part(groups: Iterator[Group], segment: Segment, as_recorded: bool, taken: Taken) -> Part:
    """groups: of the film, from this part's first on."""
    mine, left = [], taken.pictures
    while left > 0 and (group := next(groups, None)):  # each part begins with a keyframe
        mine.append(GroupOfPictures(film_at_us=group.at_us, pictures=group.pictures, sha256=group.sha256))
        left -= group.pictures
    name = SegmentName.parse(segment.name)
    was = (segment.clock_trusted, segment.start_us) if name is None else (name.clock_trusted, name.start_us)
    return Part(
        segment=segment.id,
        file=segment.name,
        sha256=segment.sha256.hex(),
        as_recorded=as_recorded,
        recovered=segment.recovered,
        recorded_from=segment.start_us,
        recorded_to=segment.end_us,
        clock=RecordedClock(
            trusted=was[0],
            corrected_by_us=segment.start_us - was[1],
            boot_id=segment.boot_id,
            since_boot_us=segment.start_mono_us,
        ),
        shown_from=taken.begins_us,
        shown_to=taken.ends_us,
        film_at_us=taken.film_at_us,
        groups=tuple(mine),
    )
