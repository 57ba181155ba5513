"""Giving an OSDP reader in install mode its key. Only somebody's command does this, never the door.

The reader is first spoken to under the key that every reader in install mode has, which is no secret: who
listens at that moment learns the new one. libosdp sends it. Then the reader must prove that it has it.
"""

from __future__ import annotations

from contextlib import closing

from drivers.osdp_line import OsdpLine

LIMIT_S = 15.0


def pair(port: str, baud: int, address: int, key: bytes, limit_s: float = LIMIT_S) -> None:
    """Have the reader take this key, unless it has it already.

    Raises DeviceLost, DeviceTaken, and DeviceError where libosdp is not installed.
    """
    for pairing in (True, False):
        with closing(OsdpLine(port, baud, {address: key}, pairing=pairing)) as line:
            line.attach(address, limit_s)
