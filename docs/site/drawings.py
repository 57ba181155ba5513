"""The drawings of docs/wiring.md. ``python docs/site/drawings.py`` writes them into docs/wiring.

GPIO numbers are those of config/branch.example.toml. Never here: what a contact looks like (``schematic``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from schematic import Drawing

FOLDER = Path(__file__).parents[1] / "wiring"


def _supply(d: Drawing, y: float, height: float) -> None:
    d.box(24, y, 118, height, "Supply")
    d.text(36, y + 58, "12 or 24 V DC,\nwith battery", "small")
    d.terminal(142, y + 34, "+", "end")
    d.terminal(142, y + height - 22, "\N{MINUS SIGN}", "end")


def _relay_board(d: Drawing, x: float, y: float) -> None:
    """Its contact is drawn by whoever uses it; here its input, at the Pi."""
    d.box(x, y, 196, 92, "Relay board, active high", "box soft")
    d.terminal(x, y + 44, "IN")
    d.terminal(x, y + 72, "GND")
    d.wire((x - 150, y + 44), (x - 4, y + 44), kind="signal")
    d.wire((x - 150, y + 72), (x - 4, y + 72), kind="minus")
    d.text(x - 150, y + 38, "GPIO 17, header pin 11", "small")
    d.text(x - 150, y + 88, "ground, header pin 9", "small")
    d.joint(x - 24, y + 44)
    d.joint(x - 24, y + 72)
    d.resistor(x - 24, y + 46, "", height=24)
    d.text(x - 34, y + 62, "10 kΩ", "small", "end")
    d.coil(x + 120, y + 32, "", height=40)


def maglock() -> Drawing:
    d = Drawing(
        "maglock",
        800,
        392,
        "Wiring of a maglock",
        "From the supply's plus through the fire panel's contact, the exit button's contact and the "
        "relay's normally open contact to the maglock, and back to minus. Each of them releases the door.",
    )
    _supply(d, 60, 118)
    y = 94
    d.wire((146, y), (190, y), kind="plus")
    d.contact(190, y, closed=True, said="fire panel", kind="plus")
    d.wire((230, y), (320, y), kind="plus")
    d.contact(320, y, closed=True, said="exit button", kind="plus")
    d.wire((360, y), (462, y), kind="plus")
    d.contact(462, y, closed=False, said="relay: COM, NO", kind="plus")
    d.wire((502, y), (640, y), (640, 118), kind="plus")
    d.text(210, y + 20, "opens on alarm", "small", "middle")
    d.text(340, y + 20, "opens when pressed", "small", "middle")
    d.text(492, y + 20, "made while secured", "small")
    _lock(d, 640, "Maglock", "diode, where the\nmaglock has none")
    d.wire((640, 162), (640, 208), (170, 208), (170, 156), (146, 156), kind="minus")
    _relay_board(d, 362, 240)
    d.wire((482, 90), (482, 240), kind="dash")
    d.text(24, 360, 'kind = "fail-safe": without power, and while the Pi is off, the door is open.', "note")
    d.text(
        24, 377, "Exit button and fire panel cut the magnet's own supply: no program is in between.", "note"
    )
    return d


def strike() -> Drawing:
    d = Drawing(
        "strike",
        800,
        400,
        "Wiring of a strike that opens when powered",
        "From the supply's plus through the relay's normally open contact to the strike and back to minus. "
        "The exit button's own contact is parallel to the relay's. The way out is the handle inside.",
    )
    _supply(d, 60, 118)
    y = 94
    d.wire((146, y), (320, y), kind="plus")
    d.contact(320, y, closed=False, said="exit button, where one is fitted", kind="plus")
    d.wire((360, y), (640, y), (640, 118), kind="plus")
    d.text(340, y + 20, "opens without the controller", "small", "middle")
    d.joint(230, y)
    d.joint(560, y)
    d.wire((230, y), (230, 156), (462, 156), kind="plus")
    d.contact(462, 156, closed=False, said="relay: COM, NO", kind="plus")
    d.wire((502, 156), (560, 156), (560, y), kind="plus")
    d.text(474, 176, "made while released", "small", "end")
    _lock(d, 640, "Strike", "diode against\nthe current")
    d.wire((640, 162), (640, 216), (170, 216), (170, 156), (146, 156), kind="minus")
    _relay_board(d, 362, 248)
    d.wire((482, 152), (482, 248), kind="dash")
    d.text(24, 366, 'kind = "fail-secure": without power it is locked from outside.', "note")
    d.text(
        24,
        383,
        "The way out is the handle inside, also in a fire. A door without one needs a maglock.",
        "note",
    )
    return d


def _lock(d: Drawing, x: float, name: str, diode: str) -> None:
    """Its coil, to which a wire comes down at 118, and a diode across it."""
    d.coil(x, 118, name, height=44)
    d.joint(x, 108)
    d.joint(x, 172)
    d.wire((x, 108), (x + 40, 108), (x + 40, 115))
    d.diode(x + 40, 115, height=50)
    d.wire((x + 40, 165), (x + 40, 172), (x, 172))
    d.text(x + 56, 138, diode, "small")


def _input(d: Drawing, y: float, number: int, pin: int, ground: int) -> None:
    """A pin of the Pi with its pull-up, at the right, and ground below it."""
    d.box(470, y - 30, 250, 110, "Raspberry Pi", "box soft")
    d.terminal(470, y + 10, f"GPIO {number}, header pin {pin} (pull-up inside)")
    d.terminal(470, y + 56, f"ground, header pin {ground}")


def door_contact() -> Drawing:
    d = Drawing(
        "contact",
        760,
        210,
        "Wiring of the door contact",
        "The door contact, made while the door is closed, between GPIO 27 and ground.",
    )
    _input(d, 60, 27, 13, 14)
    d.box(40, 42, 170, 90, "Door contact")
    d.text(125, 74, "reed contact in the frame,\nmagnet in the leaf", "small", "middle")
    d.terminal(210, 70)
    d.terminal(210, 116)
    d.wire((214, 70), (300, 70), kind="signal")
    d.contact(300, 70, closed=True, said="made while the door is closed", kind="signal")
    d.wire((340, 70), (466, 70), kind="signal")
    d.wire((214, 116), (466, 116), kind="minus")
    d.text(
        40, 172, "active_low = false: an open door and a cut wire look the same, and both are told.", "note"
    )
    d.text(
        40,
        189,
        "Twisted pair, at most some tens of metres, away from mains and from the lock's wires.",
        "note",
    )
    return d


def exit_button() -> Drawing:
    d = Drawing(
        "exit-button",
        760,
        262,
        "Wiring of the exit button",
        "One contact of the exit button is in the lock's own circuit; a second one, between GPIO 22 and "
        "ground, only tells the controller.",
    )
    _input(d, 130, 22, 15, 14)
    d.box(40, 40, 230, 156, "Exit button, two contacts")
    d.contact(160, 100, closed=True, kind="plus")
    d.text(52, 98, "1  in the lock's", "small")
    d.text(52, 112, "    own circuit", "small")
    d.wire((200, 100), (420, 100), kind="plus")
    d.wire((160, 100), (150, 100), (150, 76), (420, 76), kind="plus")
    d.text(290, 70, "supply of the lock", "small")
    d.text(290, 115, "to relay and lock", "small")
    d.contact(160, 166, closed=False, kind="signal")
    d.text(52, 170, "2  tells that", "small")
    d.text(52, 184, "    it is pressed", "small")
    d.wire((200, 166), (440, 166), (440, 140), (466, 140), kind="signal")
    d.wire((160, 166), (150, 166), (150, 186), (466, 186), kind="minus")
    d.text(
        40,
        230,
        "Contact 1 works with the Pi switched off. Contact 2 only keeps somebody who leaves from",
        "note",
    )
    d.text(40, 247, "counting as a forced door. The two contacts share no wire.", "note")
    return d


def fire_panel() -> Drawing:
    d = Drawing(
        "fire-panel",
        760,
        262,
        "Wiring of the fire panel",
        "One volt-free relay of the fire panel cuts the supply of the locks; a second one, between GPIO 23 "
        "and ground, only tells the controller.",
    )
    _input(d, 130, 23, 16, 20)
    d.box(40, 40, 230, 156, "Fire panel, two relays")
    d.contact(160, 100, closed=True, kind="plus")
    d.text(52, 98, "1  cuts the supply", "small")
    d.text(52, 112, "    of all locks", "small")
    d.wire((200, 100), (420, 100), kind="plus")
    d.wire((160, 100), (150, 100), (150, 76), (420, 76), kind="plus")
    d.text(290, 70, "supply of the locks", "small")
    d.text(290, 115, "to exit button, relay, lock", "small")
    d.contact(160, 166, closed=False, kind="signal")
    d.text(52, 170, "2  tells that", "small")
    d.text(52, 184, "    there is fire", "small")
    d.wire((200, 166), (440, 166), (440, 140), (466, 140), kind="signal")
    d.wire((160, 166), (150, 166), (150, 186), (466, 186), kind="minus")
    d.text(
        40,
        230,
        "Relay 1 is energised while all is well: a cut wire or a dead panel releases maglocks too.",
        "note",
    )
    d.text(
        40,
        247,
        "The fire alarm company wires and tests it. Have both relays tested at every fire drill.",
        "note",
    )
    return d


def counter() -> Drawing:
    d = Drawing(
        "counter",
        760,
        248,
        "Wiring of a people counter",
        "Two volt-free contacts of a directional people counter: one between GPIO 7 and ground for each "
        "person who comes in, one between GPIO 8 and ground for each who leaves.",
    )
    d.box(470, 40, 250, 150, "Raspberry Pi", "box soft")
    d.terminal(470, 80, "GPIO 7, header pin 26 (pull-up inside)")
    d.terminal(470, 126, "GPIO 8, header pin 24 (pull-up inside)")
    d.terminal(470, 172, "ground, header pin 25")
    d.box(40, 40, 230, 150, "People counter")
    d.contact(190, 80, closed=False, kind="signal")
    d.contact(190, 126, closed=False, kind="signal")
    d.text(56, 84, "comes in", "small")
    d.text(56, 130, "leaves", "small")
    d.wire((230, 80), (466, 80), kind="signal")
    d.wire((230, 126), (466, 126), kind="signal")
    d.wire((190, 80), (160, 80), (160, 172), (466, 172), kind="minus")
    d.wire((190, 126), (160, 126), kind="minus")
    d.joint(160, 126)
    d.text(
        40,
        216,
        "Each contact is made for at least 100 ms a person. The counter has a supply of its own:",
        "note",
    )
    d.text(40, 233, "only its volt-free contacts touch the Pi, whose pins bear 3.3 V and no more.", "note")
    return d


USED = {
    9: ("ground", "relay board"),
    11: ("GPIO 17", "relay board, IN"),
    13: ("GPIO 27", "door contact"),
    14: ("ground", "contact, exit button"),
    15: ("GPIO 22", "exit button"),
    16: ("GPIO 23", "fire panel"),
    18: ("GPIO 24", "green lamp"),
    20: ("ground", "fire panel, lamps"),
    22: ("GPIO 25", "red lamp"),
    24: ("GPIO 8", "counter: leaves"),
    25: ("ground", "counter"),
    26: ("GPIO 7", "counter: comes in"),
    32: ("GPIO 12", "buzzer"),
}
"""Of the pins of the header: what they are, and what goes there."""


def header() -> Drawing:
    d = Drawing(
        "header",
        640,
        520,
        "The pins of the Raspberry Pi's header",
        "; ".join(f"pin {pin}, {what}: {to}" for pin, (what, to) in USED.items()),
    )
    d.text(320, 28, "header of the Raspberry Pi, seen from above, pin 1 at the corner", "note", "middle")
    d.box(284, 40, 72, 468, "", "box soft")
    for pin in range(1, 41):
        left = pin % 2 == 1
        x, y = (304 if left else 336), 54 + 23 * ((pin - 1) // 2)
        d.terminal(x, y)
        side, anchor = (276, "end") if left else (364, "start")
        if pin in USED:
            what, to = USED[pin]
            d.joint(x, y)
            d.text(side, y + 4, f"{to} · {what} · {pin}" if left else f"{pin} · {what} · {to}", "", anchor)
        else:
            d.text(side, y + 4, str(pin), "small", anchor)
    return d


def overview() -> Drawing:
    d = Drawing(
        "overview",
        760,
        430,
        "What is fitted where",
        "Outside: the card reader with its lamps. At the door: lock, contact, exit button inside. In the "
        "cabinet: Raspberry Pi with battery clock and SSD, relay board, supply with battery. Around it: fire "
        "panel, cameras, network.",
    )
    d.box(24, 40, 150, 120, "Outside", "box soft")
    d.text(99, 84, "card reader,\nlamps, buzzer,\nhelp button", "", "middle")
    d.box(24, 200, 150, 190, "At the door", "box soft")
    d.text(99, 244, "lock\n\ndoor contact\n\nexit button (inside)\n\npeople counter", "", "middle")
    d.box(290, 40, 210, 350, "Cabinet, locked", "box soft")
    d.box(310, 76, 170, 92, "Raspberry Pi")
    d.text(395, 118, "battery clock (RTC)\nSSD for footage", "", "middle")
    d.box(310, 196, 170, 70, "Relay board")
    d.text(395, 240, "active high, 10 kΩ down", "small", "middle")
    d.box(310, 294, 170, 76, "Supply with battery")
    d.text(395, 334, "one output for the Pi,\none for the lock", "small", "middle")
    d.box(600, 40, 136, 70, "Fire panel")
    d.text(668, 82, "two relays", "small", "middle")
    d.box(600, 150, 136, 76, "Cameras")
    d.text(668, 190, "RTSP, own network,\npowered by it", "small", "middle")
    d.box(600, 266, 136, 104, "Network")
    d.text(668, 306, "broker, library\nmanagement system,\ntime server", "small", "middle")
    d.wire((174, 100), (310, 100), kind="signal")
    d.text(242, 92, "serial, lamps", "small", "middle")
    d.wire((174, 300), (240, 300), (240, 150), (310, 150), kind="signal")
    d.text(246, 190, "inputs", "small")
    d.wire((395, 168), (395, 196), kind="signal")
    d.wire((395, 294), (395, 266), kind="plus")
    d.wire((310, 232), (262, 232), (262, 250), (174, 250), kind="plus")
    d.text(180, 244, "lock", "small")
    d.wire((600, 66), (520, 66), (520, 100), (480, 100), kind="signal")
    d.text(546, 60, "tells", "small")
    d.wire((668, 110), (668, 130), (540, 130), (540, 332), (480, 332), kind="plus")
    d.text(546, 250, "cuts the", "small")
    d.text(546, 264, "lock's", "small")
    d.text(546, 278, "supply", "small")
    d.wire((600, 190), (520, 190), (520, 140), (480, 140), kind="signal")
    d.wire((668, 266), (668, 226), kind="signal")
    d.text(
        24,
        416,
        "Green: signals and data. Red: the lock's supply, in which fire panel and exit button stand.",
        "note",
    )
    return d


DRAWINGS: tuple[Callable[[], Drawing], ...] = (
    overview,
    header,
    maglock,
    strike,
    door_contact,
    exit_button,
    fire_panel,
    counter,
)


def files() -> Iterator[tuple[Path, str]]:
    """Each drawing's file, and what has to be in it."""
    for draw in DRAWINGS:
        drawing = draw()
        yield FOLDER / f"{drawing.name}.svg", drawing.svg


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file, svg in files():
        file.write_text(svg)
