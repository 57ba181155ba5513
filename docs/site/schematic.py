"""Circuit diagrams as SVG: wires, contacts, coils and boxes, each a line of markup.

A drawing brings its own light paper, so that it reads the same on a light page, a dark one and in print.
Numbers are units of the drawing. Never here: what is drawn (``drawings``).
"""

from __future__ import annotations

from html import escape

STYLE = """
text { font-family: Helvetica, Arial, sans-serif; font-size: 13px; fill: #1d2a35 }
.small { font-size: 11px } .name { font-weight: bold } .note { font-size: 12px; fill: #45525d }
.paper { fill: #fbfaf6; stroke: #c9c4b8 }
.box { fill: #ffffff; stroke: #1d2a35; stroke-width: 1.5 } .soft { fill: #eef3f7; stroke: #7b8a97 }
.wire { fill: none; stroke: #1d2a35; stroke-width: 2 } .plus { stroke: #b3261e } .minus { stroke: #1f4e9c }
.signal { stroke: #2e6b3f } .dash { stroke-dasharray: 6 4; stroke-width: 1.5 }
.dot { fill: #1d2a35 } .end { fill: #ffffff; stroke: #1d2a35; stroke-width: 1.5 }
""".strip()

Point = tuple[float, float]


class Drawing:
    """name: of the file, without ``.svg``. title, about: for whoever cannot see it."""

    def __init__(self, name: str, width: int, height: int, title: str, about: str) -> None:
        self.name = name
        self._head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-labelledby="t d">\n'
            f'<title id="t">{escape(title)}</title>\n<desc id="d">{escape(about)}</desc>\n'
            f"<style>{STYLE}</style>\n"
            f'<rect class="paper" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6"/>'
        )
        self._parts: list[str] = []

    @property
    def svg(self) -> str:
        return "\n".join((self._head, *self._parts, "</svg>", ""))

    def text(self, x: float, y: float, said: str, kind: str = "", anchor: str = "start") -> None:
        """Lines are divided by a line break."""
        for number, line in enumerate(said.split("\n")):
            self._add(
                f'<text class="{kind}" x="{x:g}" y="{y + 15 * number:g}" text-anchor="{anchor}">'
                f"{escape(line, quote=False)}</text>"
            )

    def note(self, x: float, y: float, *lines: str) -> None:
        for number, line in enumerate(lines):
            self.text(x, y + 17 * number, line, "note")

    def box(self, x: float, y: float, width: float, height: float, name: str, kind: str = "box") -> None:
        """name: at its top."""
        self._add(f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3"/>')
        self.text(x + width / 2, y + 18, name, "name", "middle")

    def wire(self, *points: Point, kind: str = "") -> None:
        joined = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._add(f'<polyline class="wire {kind}" points="{joined}"/>')

    def terminal(self, x: float, y: float, said: str = "", anchor: str = "start") -> None:
        """Where a wire ends at a part. said: beside it, inside of the part."""
        self._add(f'<circle class="end" cx="{x:g}" cy="{y:g}" r="4"/>')
        if said:
            self.text(x + (9 if anchor == "start" else -9), y + 4, said, "small", anchor)

    def joint(self, x: float, y: float) -> None:
        """Wires that meet here are connected; others that cross are not."""
        self._add(f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="3.5"/>')

    def contact(self, x: float, y: float, *, closed: bool, said: str = "", kind: str = "") -> None:
        """A contact that lies along a wire, 40 wide, as it is at rest."""
        end = y - 1 if closed else y - 14
        self.wire((x, y), (x + 8, y), kind=kind)
        self.wire((x + 32, y), (x + 40, y), kind=kind)
        self.wire((x + 8, y), (x + 33, end), kind=kind)
        if closed:
            self.wire((x + 32, y - 7), (x + 32, y), kind=kind)
        for at in (x + 8, x + 32):
            self._add(f'<circle class="end" cx="{at:g}" cy="{y:g}" r="2.5"/>')
        if said:
            self.text(x + 20, y - 20, said, "small", "middle")

    def coil(self, x: float, y: float, said: str, *, height: float = 50) -> None:
        """Of a relay or a lock, along a wire that goes down: from (x, y) to (x, y + height)."""
        self._add(f'<rect class="box" x="{x - 13:g}" y="{y:g}" width="26" height="{height:g}"/>')
        self.wire((x - 13, y + height), (x + 13, y), kind="dash")
        self.text(x - 22, y + height / 2 + 4, said, "name", "end")

    def diode(self, x: float, y: float, *, height: float = 50) -> None:
        """Against the current of a coil: conducts upwards, from (x, y + height) to (x, y)."""
        middle = y + height / 2
        self.wire((x, y), (x, y + height))
        self._add(f'<path class="dot" d="M{x - 8:g} {middle + 7:g} H{x + 8:g} L{x:g} {middle - 7:g} Z"/>')
        self.wire((x - 8, middle - 7), (x + 8, middle - 7))

    def resistor(self, x: float, y: float, said: str, *, height: float = 36) -> None:
        """Along a wire that goes down."""
        self._add(f'<rect class="box" x="{x - 6:g}" y="{y:g}" width="12" height="{height:g}"/>')
        self.text(x + 12, y + height / 2 + 4, said, "small")

    def ground(self, x: float, y: float) -> None:
        for half, down in ((12, 0), (8, 5), (4, 10)):
            self.wire((x - half, y + down), (x + half, y + down))

    def _add(self, markup: str) -> None:
        self._parts.append(markup)
