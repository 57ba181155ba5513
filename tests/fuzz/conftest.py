"""Hostile input: ten million bytes of it for each parser under UNLOCKED_SOAK=1, less otherwise.

``random`` is any bytes at all. ``mutated`` begins with input that the parser accepts and spoils it, which
gets past the first check and into the corners. The seed is printed when a test fails; with UNLOCKED_SEED
set to it the same bytes come again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random, SystemRandom
from typing import Any

import pytest

SOAK = 10_000_000
CHECK = 60_000
MORE = 20
"""As often at most, where a parser is so strict that all it was given was refused."""
BLOCK = 10_000
LONGEST = 20_000
"""Bytes of one document, except where only the random choice of a long one makes it longer."""
NUMBER = re.compile(rb"[0-9]+")
EXTREMES = (b"0", b"-1", b"1", b"9", b"00", b"255", b"4294967296", b"9" * 19, b"1e9", b"0x1F", b"1_0")


class Hostile:
    """So many bytes for one parser. pieces: what makes trouble for it besides what is valid."""

    def __init__(self, kind: str, wanted: int, source: Random) -> None:
        self.kind = kind
        self.source = source
        self._wanted = wanted

    def try_documents(
        self,
        parse: Callable[[bytes], Any],
        refused: type[Exception],
        seeds: Sequence[bytes],
        pieces: Sequence[bytes] = (),
        holds: Callable[[Any, bytes], None] | None = None,
    ) -> None:
        """Parse so many. refused: how the parser may say no; anything else escapes, and fails the test.

        holds: asserts what must be true of a result and the bytes that it is of.
        """
        for _ in range(MORE):
            accepted = 0
            for document in self.documents(seeds, pieces):
                try:
                    found = parse(document)
                except refused:
                    continue
                accepted += 1
                if holds is not None:
                    holds(found, document)
            if accepted or self.kind == "random":
                return
        pytest.fail("all were refused: nothing was tested")

    def documents(
        self, seeds: Sequence[bytes], pieces: Sequence[bytes] = (), share: int = 1
    ) -> Iterator[bytes]:
        """Inputs that are parsed each by itself. share: one in so many of the bytes, where each is dear."""
        made = 0
        while made < self._wanted // share:
            document = self._random() if self.kind == "random" else self._mutated(seeds, pieces)
            made += max(1, len(document))
            yield document

    def stream(self, seeds: Sequence[bytes], pieces: Sequence[bytes] = ()) -> Iterator[bytes]:
        """Blocks of one long input."""
        made = 0
        while made < self._wanted:
            block = b"".join(self._stretch(seeds, pieces))
            made += len(block)
            yield block

    def split(self, data: bytes) -> Iterator[bytes]:
        """The same bytes as they may arrive."""
        at = 0
        while at < len(data):
            size = self.source.choice((1, 2, 7, 30, 500))
            yield data[at : at + size]
            at += size

    def _stretch(self, seeds: Sequence[bytes], pieces: Sequence[bytes]) -> Iterator[bytes]:
        if self.kind == "random":
            yield self.source.randbytes(BLOCK)
            return
        made = 0
        while made < BLOCK:
            # One in three is left as it is: a parser has to find its way back to what is valid.
            piece = self._mutated(seeds, pieces) if self.source.randrange(3) else self.source.choice(seeds)
            made += max(1, len(piece))
            yield piece

    def _random(self) -> bytes:
        return self.source.randbytes(self.source.randrange(self.source.choice((16, 16, 300, 3000))))

    def _mutated(self, seeds: Sequence[bytes], pieces: Sequence[bytes]) -> bytes:
        data = bytearray(self.source.choice(seeds))
        for _ in range(self.source.randint(1, 4)):
            self._spoil(data, seeds, pieces)
        return bytes(data[:LONGEST])

    def _spoil(self, data: bytearray, seeds: Sequence[bytes], pieces: Sequence[bytes]) -> None:
        source = self.source
        at = source.randrange(len(data) + 1)
        end = min(len(data), at + source.choice((1, 1, 2, 8, 64)))
        match source.randrange(8):
            case 0 if at < len(data):
                data[at] ^= 1 << source.randrange(8)
            case 1:
                data[at:end] = source.randbytes(end - at)
            case 2:
                piece = source.choice(pieces) if pieces else source.randbytes(3)
                # A long one rarely whole: it would use up most of the bytes.
                data[at:at] = piece[:3] if len(piece) > 100 and source.randrange(20) else piece
            case 3:
                del data[at:end]
            case 4:
                data[at:at] = data[at:end] * source.choice((1, 1, 2, 3, 30))
            case 5:
                del data[at:]
            case 6:
                other = source.choice(seeds)
                data[at:] = other[source.randrange(len(other) + 1) :]
            case _:
                if numbers := list(NUMBER.finditer(data)):
                    found = source.choice(numbers)
                    # Rarely: it would use up most of the bytes.
                    longer = b"9" * 5000 if not source.randrange(200) else None
                    data[found.start() : found.end()] = longer or source.choice(EXTREMES)


@pytest.fixture(params=["random", "mutated"])
def hostile(request: pytest.FixtureRequest) -> Hostile:
    seed = int(os.environ.get("UNLOCKED_SEED", SystemRandom().getrandbits(32)))
    print(f"UNLOCKED_SEED={seed}")  # shown when it fails
    return Hostile(request.param, SOAK if os.environ.get("UNLOCKED_SOAK") == "1" else CHECK, Random(seed))
