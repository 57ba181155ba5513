"""A picture of the door's modes, drawn from its table: an arrow for every row that changes the mode.

Here: where each mode stands on the page, and the drawing. Never here: what the door does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from math import hypot
from textwrap import wrap

from controller.core.door import BEGINNINGS, ENDINGS, Emergency, Input, Mode, rows

Point = tuple[float, float]

WIDTH, HEIGHT = 1300, 690
HALF_WIDTH, HALF_HEIGHT = 74.0, 26.0
APART = 7.0
"""Half the distance between an arrow and the one that leads back."""
ALONG = 0.6
"""Where on an arrow its words are, as a share of its length: not beside those of the arrow back."""
LINE = 13.0
"""Height of a line of words beside an arrow."""
BESIDE = 6.0
"""Distance of words from their arrow."""
LETTERS = 14
"""In a line of words beside an arrow."""

PLACES: Mapping[Mode, Point] = {
    Mode.RELEASED: (120, 130),
    Mode.LOCKED: (360, 340),
    Mode.HOLD_OPEN: (120, 550),
    Mode.FIRE: (690, 90),
    Mode.LETTING_OUT: (690, 235),
    Mode.EVACUATION: (690, 420),
    Mode.LOCKDOWN: (690, 590),
    Mode.FIRE_IN_EVACUATION: (960, 90),
    Mode.FIRE_IN_LOCKDOWN: (960, 340),
    Mode.EVACUATION_IN_LOCKDOWN: (960, 590),
    Mode.FIRE_IN_EVACUATION_IN_LOCKDOWN: (1200, 340),
}
BOXES: tuple[tuple[frozenset[Mode], tuple[float, float, float, float]], ...] = (
    (frozenset({Mode.RELEASED, Mode.LOCKED, Mode.HOLD_OPEN}), (24, 70, 456, 610)),
    (frozenset({Mode.EVACUATION, Mode.LETTING_OUT}), (575, 195, 782, 460)),
)
"""Modes that inputs lead out of together: one arrow from their box for all. Left, top, right, bottom."""
COLOURS: Mapping[Emergency, str] = {
    Emergency.FIRE: "#c0392b",
    Emergency.EVACUATION: "#b9770e",
    Emergency.LOCKDOWN: "#6c3483",
}
PLAIN = "#2c3e50"

STYLE = """\
text { font: 13px 'DejaVu Sans', Verdana, sans-serif; fill: #2c3e50; text-anchor: middle; }
.mode { fill: #fdfefe; stroke: #2c3e50; stroke-width: 1.5; }
.released { fill: #d5f5e3; }
.emergency { fill: #fdf2e9; }
.box { fill: #f4f6f7; stroke: #95a5a6; stroke-dasharray: 2 4; }
.before { text-anchor: end; }
.after { text-anchor: start; }
.label { font-size: 11px; }
.arrow { fill: none; stroke-width: 1.6; }
.ends { stroke-dasharray: 6 4; }
"""


@dataclass(frozen=True, slots=True)
class Arrow:
    """source: a mode, or the box of several."""

    source: Mode | frozenset[Mode]
    target: Mode
    inputs: tuple[Input, ...]


def svg() -> str:
    """The whole picture."""
    return "".join((*_head(), *_boxes(), *_arrows(), *_modes(), *_legend(), "</svg>\n"))


def arrows() -> list[Arrow]:
    """Every change of mode in the table, those out of a box as one."""
    found: dict[tuple[Mode, Mode], list[Input]] = {}
    for before, happened, after, _ in rows():
        if before.mode is not after.mode:
            inputs = found.setdefault((before.mode, after.mode), [])
            if happened not in inputs:
                inputs.append(happened)
    joined = []
    for box, _ in BOXES:
        for target in Mode:
            sources = [found.get((mode, target), []) for mode in box]
            common = tuple(happened for happened in Input if all(happened in inputs for inputs in sources))
            if target not in box and common:
                joined.append(Arrow(box, target, common))
                for inputs in sources:
                    inputs[:] = [happened for happened in inputs if happened not in common]
    single = [Arrow(source, target, tuple(inputs)) for (source, target), inputs in found.items() if inputs]
    return [*joined, *single]


def _head() -> Iterator[str]:
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
    yield "<title>The modes of the door, and what leads from one to another</title>\n"
    yield f"<style>\n{STYLE}</style>\n<defs>\n"
    for colour in (PLAIN, *COLOURS.values()):
        yield (
            f'<marker id="head-{colour[1:]}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
            f'markerHeight="7" orient="auto"><path d="M0 1L10 5L0 9z" fill="{colour}"/></marker>\n'
        )
    yield f'</defs>\n<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n'


def _boxes() -> Iterator[str]:
    for _, (left, top, right, bottom) in BOXES:
        yield (
            f'<rect class="box" x="{left:g}" y="{top:g}" width="{right - left:g}" '
            f'height="{bottom - top:g}" rx="14"/>\n'
        )


def _modes() -> Iterator[str]:
    for mode, (x, y) in PLACES.items():
        kind = "released" if mode in (Mode.RELEASED, Mode.HOLD_OPEN, Mode.LETTING_OUT) else "emergency"
        kind = "" if mode is Mode.LOCKED else f" {kind}"
        yield (
            f'<rect class="mode{kind}" x="{x - HALF_WIDTH:g}" y="{y - HALF_HEIGHT:g}" '
            f'width="{2 * HALF_WIDTH:g}" height="{2 * HALF_HEIGHT:g}" rx="10"/>\n'
        )
        yield _text(x, y, _two_lines(mode.value))
    x, y = PLACES[Mode.LOCKED]
    yield f'<circle cx="{x:g}" cy="{y - 75:g}" r="6" fill="{PLAIN}"/>\n'
    yield _line((x, y - 69), (x, y - HALF_HEIGHT), PLAIN, ends=False)


def _arrows() -> Iterator[str]:
    for arrow in arrows():
        yield from _arrow(arrow)


def _arrow(arrow: Arrow) -> Iterator[str]:
    """Beside the line between the two, so that it and the arrow that leads back do not cover each other."""
    start, end = PLACES[_anchor(arrow.source)], PLACES[arrow.target]
    edges = _box(arrow.source) if isinstance(arrow.source, frozenset) else _around(start)
    length = hypot(end[0] - start[0], end[1] - start[1])
    across = (-(end[1] - start[1]) / length, (end[0] - start[0]) / length)
    start, end = _moved(start, across, APART), _moved(end, across, APART)
    begin, finish = _border(start, end, edges), _border(end, start, _around(PLACES[arrow.target]))
    emergency, ends = _about(arrow.inputs)
    yield _line(begin, finish, COLOURS[emergency] if emergency else PLAIN, ends=ends)
    if emergency is None:
        place = _moved(begin, (finish[0] - begin[0], finish[1] - begin[1]), ALONG)
        yield _words(place, across, arrow.inputs)


def _anchor(source: Mode | frozenset[Mode]) -> Mode:
    if isinstance(source, Mode):
        return source
    return Mode.LOCKED if Mode.LOCKED in source else Mode.EVACUATION


def _moved(point: Point, direction: Point, distance: float) -> Point:
    return point[0] + direction[0] * distance, point[1] + direction[1] * distance


def _about(inputs: tuple[Input, ...]) -> tuple[Emergency | None, bool]:
    """The emergency that the only input is about, and whether it ends it."""
    if len(inputs) == 1:
        if inputs[0] in BEGINNINGS:
            return BEGINNINGS[inputs[0]][0], False
        if inputs[0] in ENDINGS:
            return ENDINGS[inputs[0]][0], True
    return None, False


def _legend() -> Iterator[str]:
    y = HEIGHT - 24
    for place, (emergency, colour) in enumerate(COLOURS.items()):
        for begins, x, inputs in ((True, 130, BEGINNINGS), (False, 300, ENDINGS)):
            name = next(happened.value for happened, (about, _) in inputs.items() if about is emergency)
            left = x + place * 390 - 80
            yield _line((left, y), (left + 50, y), colour, ends=not begins)
            yield f'<text x="{left + 58:g}" y="{y + 4:g}" class="after">{escape(name)}</text>\n'


def _line(begin: Point, end: Point, colour: str, *, ends: bool) -> str:
    kind = "arrow ends" if ends else "arrow"
    return (
        f'<path class="{kind}" d="M{begin[0]:.1f} {begin[1]:.1f}L{end[0]:.1f} {end[1]:.1f}" '
        f'stroke="{colour}" marker-end="url(#head-{colour[1:]})"/>\n'
    )


def _words(place: Point, across: Point, inputs: tuple[Input, ...]) -> str:
    """What leads along an arrow, on the side that the arrow leading back is not on."""
    lines = wrap(", ".join(happened.value for happened in inputs), LETTERS)
    x, y = _moved(place, across, BESIDE + abs(across[1]) * LINE * len(lines) / 2)
    return _text(x, y, lines, step=LINE, kind="label before" if across[0] < 0 else "label after")


def _text(x: float, y: float, lines: list[str], *, step: float = 16, kind: str = "name") -> str:
    first = y + 4 - step * (len(lines) - 1) / 2
    return "".join(
        f'<text class="{kind}" x="{x:g}" y="{first + step * number:g}">{escape(line)}</text>\n'
        for number, line in enumerate(lines)
    )


def _two_lines(words: str) -> list[str]:
    """Divided at the space that makes the longer line shortest."""
    if len(words) <= 14:
        return [words]
    spaces = [place for place, letter in enumerate(words) if letter == " "]
    place = min(spaces, key=lambda place: max(place, len(words) - place))
    return [words[:place], words[place + 1 :]]


def _around(centre: Point) -> tuple[float, float, float, float]:
    x, y = centre
    return x - HALF_WIDTH, y - HALF_HEIGHT, x + HALF_WIDTH, y + HALF_HEIGHT


def _box(modes: frozenset[Mode]) -> tuple[float, float, float, float]:
    return next(edges for box, edges in BOXES if box == modes)


def _border(inside: Point, outside: Point, edges: tuple[float, float, float, float]) -> Point:
    """Where the line from a point inside a rectangle to one outside leaves it."""
    (x, y), (left, top, right, bottom) = inside, edges
    dx, dy = outside[0] - x, outside[1] - y
    shares = [1.0]
    if dx:
        shares.append(((right if dx > 0 else left) - x) / dx)
    if dy:
        shares.append(((bottom if dy > 0 else top) - y) / dy)
    share = min(shares)
    return x + dx * share, y + dy * share
