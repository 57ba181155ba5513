"""libosdp behind our filter, while somebody without the key talks over its readers. Run by test_osdp.

A process of its own, because a fault in libosdp would end it. Arguments: seed, bytes. Ends with a line that
says how many lines had a secure channel, and how many of those without one told a forged card; fails if
one of the former told a card or key.
"""

from __future__ import annotations

import sys
import time
from random import Random

from drivers import libosdp
from drivers.osdp_frame import Block, Reply
from drivers.osdp_wire import OsdpWire
from simulator import osdp_forger as forger
from simulator.osdp_reader import OsdpReader

KEY = bytes(range(16))
LINES = 160
"""At the same time, since libosdp asks each of them twenty times a second."""


class Port:
    """What libosdp has sent and nobody has heard yet."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(bytes(data))

    def reset_input_buffer(self) -> None: ...


class Line:
    def __init__(self, key: bytes | None, source: Random) -> None:
        self.secure = key is not None
        self.was_secured = False
        self.fed = 0
        self.told: list[libosdp.Said] = []
        self._restart = False
        self._source = source
        self._port = Port()
        self._wire = OsdpWire({0} if self.secure else set(), pairing=False)
        self._wire.plug(self._port)
        self._panel = libosdp.panel(self._wire, {0: key}, lambda _, what: self._said(what))
        self._reader = OsdpReader(key=KEY, secure=self.secure)

    def step(self) -> None:
        if self._restart:
            # As drivers.osdp_line does it, or libosdp would give the reader up for minutes.
            if self._panel.is_pd_enabled(0):
                self._panel.disable_pd(0)
            else:
                self._restart = not self._panel.enable_pd(0)
        self._panel.refresh()
        sent, self._port.sent = self._port.sent, []
        for frame in sent:
            for answer in self._reader.hear(frame[frame[0] == forger.MARK :]):
                secured = bool(self._panel.sc_status() & 1)
                self.was_secured |= secured
                # A handshake succeeds now and then, or nothing behind it would be tried.
                hostile = self._source.randrange(4 if secured or not self.secure else 40) == 0
                data = self._spoiled(answer) if hostile else answer
                self.fed += len(data)
                self._wire.take(data, time.monotonic())

    def _said(self, what: libosdp.Said) -> None:
        if isinstance(what, libosdp.Online):
            self._restart |= not what.up
        elif not isinstance(what, libosdp.LocalStatus):
            self.told.append(what)

    def _spoiled(self, answer: bytes) -> bytes:
        source = self._source
        match source.randrange(5):
            case 0:
                return source.randbytes(source.randrange(600)) + answer
            case 1:
                body = bytes((source.choice(list(Reply)),)) + source.randbytes(source.randrange(230))
                return forger.instead_of(answer, body, block=source.choice((None, *Block)))
            case 2:
                return forger.instead_of(answer, source.randbytes(source.randrange(1, 240)), block=0x18)
            case 3:
                body, block = forger.card(source.getrandbits(26), 26), source.choice((None, *Block))
                mac = source.randbytes(4) if block in (Block.MAC, Block.MAC_AND_DATA) else b""
                return forger.instead_of(answer, body + mac, block=block)
            case _:
                spoiled = bytearray(answer)
                spoiled[source.randrange(len(spoiled))] ^= 1 << source.randrange(8)
                return bytes(spoiled)


def main() -> None:
    source, wanted = Random(int(sys.argv[1])), int(sys.argv[2])
    lines = [Line(None if place % 4 == 0 else KEY, source) for place in range(LINES)]
    while sum(line.fed for line in lines) < wanted:
        for line in lines:
            line.step()
        time.sleep(0.002)
    believed = [line for line in lines if line.secure and line.told]
    assert not believed, f"{len(believed)} lines with a secure channel told what no reader had said"
    print(sum(line.was_secured for line in lines), "secured;", sum(bool(line.told) for line in lines), "told")


main()
