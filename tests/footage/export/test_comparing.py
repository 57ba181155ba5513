"""Whatever is done to a film far enough apart is told one by one, and exactly."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from random import Random

import pytest
from pytest_mock import MockerFixture

from controller.footage.export import comparing
from controller.footage.export.comparing import Difference, compare
from controller.footage.export.manifest import FilmFile, GroupOfPictures, Part, RecordedClock
from controller.footage.export.pictures import Group, Pictures

SECOND = 1_000_000
T0 = 1_790_000_000_000_000
PARTS, GROUPS, PICTURES = 4, 10, 15


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def film(groups: Sequence[Group]) -> FilmFile:
    """Four segments of ten seconds, after the second of which an hour is missing."""
    clock = RecordedClock(trusted=True, corrected_by_us=0, boot_id="boot", since_boot_us=1)
    parts = []
    for number in range(PARTS):
        begins_us = T0 + (number * GROUPS + (3600 if number > 1 else 0)) * SECOND
        mine = groups[number * GROUPS : (number + 1) * GROUPS]
        parts.append(
            Part(
                segment=str(number),
                file=f"{number}.mp4",
                sha256=digest("segment"),
                as_recorded=True,
                recovered=False,
                recorded_from=begins_us,
                recorded_to=begins_us + GROUPS * SECOND,
                clock=clock,
                shown_from=begins_us,
                shown_to=begins_us + GROUPS * SECOND,
                film_at_us=mine[0].at_us,
                groups=tuple(
                    GroupOfPictures(film_at_us=g.at_us, pictures=g.pictures, sha256=g.sha256) for g in mine
                ),
            )
        )
    return FilmFile(
        name="out.mp4",
        size_bytes=1,
        sha256=digest("film"),
        codec="h264",
        width=1,
        height=1,
        length_us=1,
        pictures="as_recorded",
        masks=(),
        payloads_sha256=digest("all"),
        times_sha256=digest("times"),
        parameters_sha256=digest("parameters"),
        parts=tuple(parts),
    )


def pictures(groups: Sequence[Group]) -> Pictures:
    return Pictures(
        digest("other"), digest("others"), digest("parameters"), ("video",), tuple(groups), broken=False
    )


GROUPS_OF_FILM = tuple(
    Group(number * SECOND, PICTURES, digest(f"group {number}")) for number in range(PARTS * GROUPS)
)
FILM = film(GROUPS_OF_FILM)


def at_us(number: int) -> int:
    """Wall time of a group."""
    part = FILM.parts[number // GROUPS]
    return part.shown_from + number % GROUPS * SECOND


@pytest.mark.parametrize("seed", range(30))
def test_each_of_several_changes_is_told(seed: int) -> None:
    source = Random(seed)
    changed = list[Group]()
    expected = list[tuple[Difference, int, int, int]]()
    for number, group in enumerate(GROUPS_OF_FILM):
        what = source.choice(("altered", "missing", "added")) if number % 4 == 2 else "as it was"
        if what == "altered":
            count = source.choice((PICTURES, PICTURES - 1))
            changed.append(Group(0, count, digest(f"altered {number}")))
            expected.append((Difference.PICTURES_ALTERED, at_us(number), PICTURES, count))
        elif what == "missing":
            expected.append((Difference.PICTURES_MISSING, at_us(number), PICTURES, 0))
        else:
            changed.append(group)
        if what == "added":
            changed.append(Group(0, 7, digest(f"added {number}")))
            expected.append((Difference.PICTURES_ADDED, at_us(number) + SECOND, 0, 7))
    found = compare(FILM, pictures(changed))
    assert [(one.what, one.begins_us, one.expected, one.found) for one in found] == expected
    assert all(one.part is not None for one in found)


def test_what_is_missing_over_a_seam_is_told_segment_by_segment() -> None:
    found = compare(FILM, pictures((*GROUPS_OF_FILM[:15], *GROUPS_OF_FILM[25:])))
    assert [(one.part.segment, one.begins_us, one.ends_us) for one in found if one.part] == [
        ("1", at_us(15), at_us(19) + SECOND),
        ("2", at_us(20), at_us(24) + SECOND),
    ]


def test_of_neighbours_that_were_altered_and_cut_the_numbers_are_right() -> None:
    other = [Group(0, PICTURES, digest("x")), Group(0, 5, digest("y"))]
    found = compare(FILM, pictures((*GROUPS_OF_FILM[:18], *other, *GROUPS_OF_FILM[24:])))
    assert {one.what for one in found} == {Difference.PICTURES_ALTERED}
    assert (sum(one.expected for one in found), sum(one.found for one in found)) == (6 * PICTURES, 20)


def test_another_film_altogether_is_altered_throughout() -> None:
    found = compare(FILM, pictures([Group(0, 3, digest(f"other {number}")) for number in range(7)]))
    assert {one.what for one in found} == {Difference.PICTURES_ALTERED}
    assert (found[0].begins_us, found[-1].ends_us) == (FILM.parts[0].shown_from, FILM.parts[-1].shown_to)
    assert [one.what for one in compare(FILM, pictures(()))] == [Difference.PICTURES_MISSING] * PARTS


def test_groups_that_are_all_alike_take_no_time(mocker: MockerFixture) -> None:
    mocker.patch.object(comparing, "MOST_ALIKE", 100)
    matched = mocker.spy(comparing, "SequenceMatcher")
    same = [Group(number * SECOND, PICTURES, digest("same")) for number in range(PARTS * GROUPS)]
    (differs,) = compare(film(same), pictures(same[:-1]))[-1:]
    assert differs.what is Difference.PICTURES_ALTERED
    assert Difference.PICTURES_ALTERED not in {one.what for one in compare(film(same), pictures(same))}
    assert not matched.called
