"""A film against what its manifest says of it: which pictures were altered, taken out or put in, and when.

Pictures are compared group by group, a group being what lies between two keyframes: about a second. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from controller.footage.export.manifest import FilmFile, Part
from controller.footage.export.pictures import Group, Pictures

MOST_ALIKE = 2_000_000
"""Pairs of groups that are alike. A film has about as many as groups. In one that was made so that each is
like all others, which of them was meant would take days to find out."""


class Difference(StrEnum):
    """What may be wrong with a film."""

    PICTURES_ALTERED = "pictures_altered"
    PICTURES_MISSING = "pictures_missing"
    PICTURES_ADDED = "pictures_added"
    TIMES_ALTERED = "times_altered"
    FORM_ALTERED = "form_altered"
    TRACKS_ADDED = "tracks_added"
    REST_ALTERED = "rest_altered"


@dataclass(frozen=True, slots=True)
class Differs:
    """One thing that is wrong. part: where the pictures were, or after which others were put in.

    begins_us, ends_us: wall time. expected, found: numbers of pictures. film_at_us: in the film as it is.
    again: what was put in is pictures of this very film.
    """

    what: Difference
    part: Part | None = None
    begins_us: int = 0
    ends_us: int = 0
    film_at_us: int = 0
    expected: int = 0
    found: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Expected:
    part: Part
    begins_us: int
    ends_us: int
    pictures: int
    sha256: str


def compare(film: FilmFile, pictures: Pictures) -> list[Differs]:
    """Everything that is wrong with a film whose hash is not the manifest's; at least one thing."""
    found = list(_by_groups(list(_expected(film)), pictures.groups))
    if not found and pictures.times_sha256 != film.times_sha256:
        found.append(Differs(Difference.TIMES_ALTERED))
    if pictures.parameters_sha256 != film.parameters_sha256:
        found.append(Differs(Difference.FORM_ALTERED))
    if pictures.tracks != ("video",):
        found.append(Differs(Difference.TRACKS_ADDED))
    return found or [Differs(Difference.REST_ALTERED)]


def _expected(film: FilmFile) -> Iterator[_Expected]:
    for part in film.parts:
        begins = [part.shown_from + group.film_at_us - part.film_at_us for group in part.groups]
        ends = [*begins[1:], part.shown_to]
        for group, begins_us, ends_us in zip(part.groups, begins, ends, strict=True):
            yield _Expected(part, begins_us, ends_us, group.pictures, group.sha256)


def _by_groups(expected: Sequence[_Expected], found: Sequence[Group]) -> Iterator[Differs]:
    wanted, there = [group.sha256 for group in expected], [group.sha256 for group in found]
    alike = Counter(there)
    if sum(alike[one] for one in wanted) > MOST_ALIKE:
        if wanted != there:
            yield from _replaced(expected, found)
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, wanted, there, autojunk=False).get_opcodes():
        was, now = expected[i1:i2], found[j1:j2]
        if tag == "replace":
            yield from _replaced(was, now)
        elif tag == "delete":
            for same in _by_part(was):
                yield _of(Difference.PICTURES_MISSING, same, 0)
        elif tag == "insert":
            before = expected[i1 - 1] if i1 else None
            at_us = before.ends_us if before else (expected[0].begins_us if expected else 0)
            yield Differs(
                Difference.PICTURES_ADDED,
                before.part if before else None,
                at_us,
                at_us,
                now[0].at_us,
                found=sum(group.pictures for group in now),
                again=all(group.sha256 in wanted for group in now),
            )


def _replaced(was: Sequence[_Expected], now: Sequence[Group]) -> Iterator[Differs]:
    """Where as many groups are as there should be, each stands for its own; else all for all."""
    if len(was) != len(now):
        counts = sum(group.pictures for group in now)
        parts = list(_by_part(was))
        for same in parts[:-1]:
            taken = min(counts, sum(group.pictures for group in same))
            counts -= taken
            yield _of(Difference.PICTURES_ALTERED, same, taken)
        yield _of(Difference.PICTURES_ALTERED, parts[-1], counts)
        return
    place = 0
    for same in _by_part(was):
        theirs = now[place : place + len(same)]
        place += len(same)
        yield _of(Difference.PICTURES_ALTERED, same, sum(group.pictures for group in theirs))


def _of(what: Difference, groups: Sequence[_Expected], found: int) -> Differs:
    return Differs(
        what,
        groups[0].part,
        groups[0].begins_us,
        groups[-1].ends_us,
        expected=sum(group.pictures for group in groups),
        found=found,
    )


def _by_part(groups: Sequence[_Expected]) -> Iterator[list[_Expected]]:
    """Neighbours of the same part."""
    same: list[_Expected] = []
    for group in groups:
        if same and same[-1].part is not group.part:
            yield same
            same = []
        same.append(group)
    if same:
        yield same
