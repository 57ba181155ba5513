"""What cameras say: answers to ONVIF's discovery, and the beginnings of their pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drivers.onvif_discovery import LONGEST_TEXT, FoundCamera, understood
from drivers.parameter_sets import annex_b, completed, holds_slice, parameter_sets
from drivers.strict_xml import DEEPEST, BadXml, Element, parse
from simulator.camera.encoder import Codec, Encoder
from simulator.camera.onvif import answer
from simulator.camera.scene import background

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

MESSAGE = "urn:uuid:7d1c"
PIECES = [
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    b"&x;",
    b"&#27;",
    b"<![CDATA[\x9b]]>",
    b"<a>",
    b"</wsdd:Scopes>",
    b" onvif://www.onvif.org/name/%1b%5b2J%0a%e2%80%ae",
    b" http://user:secret@192.0.2.7/ file:///etc/passwd ",
    b'encoding="UTF-16"',
]


def depth(element: Element) -> int:
    return 1 + max(map(depth, element.children), default=0)


def test_xml_of_strangers(hostile: Hostile) -> None:
    def holds(root: Element, data: bytes) -> None:
        assert depth(root) <= DEEPEST
        assert b"<!DOCTYPE" not in data.partition(b"<SOAP")[0]

    hostile.try_documents(parse, BadXml, [answer(MESSAGE)], PIECES, holds)


def test_answers_to_a_probe(hostile: Hostile) -> None:
    def holds(found: list[FoundCamera], data: bytes) -> None:
        for camera in found:
            assert MESSAGE.encode() in data
            assert camera.host == "192.0.2.7"
            for text in (camera.name, camera.hardware):
                assert text.isprintable()
                assert len(text) <= LONGEST_TEXT
            assert camera.service == "" or camera.service.startswith(("http://", "https://"))
            assert camera.service.isascii()
            assert "@" not in camera.service

    hostile.try_documents(
        lambda data: understood(data, MESSAGE, "192.0.2.7"), BadXml, [answer(MESSAGE)], PIECES, holds
    )


@pytest.mark.parametrize(("codec", "name"), [(Codec.H264, "h264"), (Codec.H265, "hevc")])
def test_beginnings_of_pictures(hostile: Hostile, codec: Codec, name: str) -> None:
    encoder = Encoder(160, 96, 10, 2, codec=codec)
    seeds = [annex_b(encoder.encode(background(160, 96), n * 9000).nals) for n in range(4)]
    known = parameter_sets(seeds[0], name)

    def holds(sets: tuple[bytes, ...], data: bytes) -> None:
        assert all(one in data and b"\0\0\1" not in one and one[-1] for one in sets)
        both = completed(known, sets, name)
        assert set(sets) <= set(both) <= {*known, *sets}
        holds_slice(data, name)

    hostile.try_documents(
        lambda data: parameter_sets(data, name), ValueError, seeds, [b"\0\0\1", b"\0\0\0\1", *known], holds
    )
