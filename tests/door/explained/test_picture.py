"""The picture is the table's: no arrow without a row, no change of mode without an arrow."""

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

from controller.core.door import Mode, rows
from controller.door.explained.picture import HALF_HEIGHT, HALF_WIDTH, PLACES, arrows, svg

PICTURE = Path(__file__).parents[3] / "docs" / "door-states.svg"
SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_is_the_table() -> None:
    remedy = "run: unlocked door table --svg > docs/door-states.svg"
    assert PICTURE.read_text(encoding="utf-8") == svg(), remedy


def test_every_change_of_mode_is_an_arrow_and_every_arrow_a_change() -> None:
    changes = {
        (before.mode, happened, after.mode)
        for before, happened, after, _ in rows()
        if before.mode is not after.mode
    }
    drawn = [
        (mode, happened, arrow.target)
        for arrow in arrows()
        for mode in ({arrow.source} if isinstance(arrow.source, Mode) else arrow.source)
        for happened in arrow.inputs
    ]
    assert set(drawn) == changes
    assert len(drawn) == len(changes)


def test_every_mode_has_a_place_of_its_own() -> None:
    assert set(PLACES) == set(Mode)
    for (ax, ay), (bx, by) in combinations(PLACES.values(), 2):
        assert abs(ax - bx) > 2 * HALF_WIDTH or abs(ay - by) > 2 * HALF_HEIGHT


def test_it_is_well_formed_and_needs_nothing_from_elsewhere() -> None:
    picture = ElementTree.fromstring(svg())
    assert picture.tag == f"{SVG}svg"
    assert len(picture.findall(f"{SVG}rect[@rx='10']")) == len(Mode)
    assert "href" not in svg()
    assert "script" not in svg()
