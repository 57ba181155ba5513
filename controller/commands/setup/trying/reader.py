"""A card reader listened to: which formats understand what it sends. No card number leaves this module.

Never here: telling people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from controller.commands.reader_formats import BURST_CAP, candidates, masked
from controller.door.swipes import framer_for
from controller.settings.reader import Reader
from drivers.serial_reader import SerialReader

BY_ID = Path("/dev/serial/by-id")
ANY = Reader(port="any")
"""What a format makes of bytes does not hang on where they came from."""


@dataclass(frozen=True, slots=True)
class Heard:
    """shown: what came, masked. lengths: of the card number, by the formats that found one and their name."""

    shown: str
    lengths: dict[str, tuple[Reader, int]]


def ports(folder: Path = BY_ID) -> list[Path]:
    """The serial lines that there are, by names that stay."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def listen(wire: SerialReader, stop: Callable[[], bool]) -> Iterator[Heard]:
    """What comes without a pause, until ``stop``. Raises DeviceLost."""
    burst = b""
    while not stop():
        data = wire.read()
        burst = (burst + data)[:BURST_CAP]
        if burst and not data:
            yield heard(burst)
            burst = b""


@contextmanager
def opened(port: str, baud: int) -> Iterator[SerialReader]:
    """The line of a reader. Raises DeviceLost, and DeviceTaken if the door has it."""
    with closing(SerialReader(port, baud)) as wire:
        yield wire


def heard(burst: bytes) -> Heard:
    lengths = {}
    for candidate, name in candidates(ANY):
        texts = [text for text in framer_for(candidate).feed(burst) if isinstance(text, str)]
        if texts:
            lengths[name] = (candidate, len(texts[0]))
    return Heard(masked(burst), lengths)


def understood_by_all(swipes: Iterable[Heard]) -> dict[str, tuple[Reader, int]]:
    """The formats that found a card number of one length in each swipe; empty if there was none."""
    found: dict[str, tuple[Reader, int]] | None = None
    for one in swipes:
        lengths = one.lengths
        if found is None:
            found = dict(lengths)
        else:
            found = {
                name: each for name, each in found.items() if name in lengths and lengths[name][1] == each[1]
            }
    return found or {}
