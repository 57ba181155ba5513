from __future__ import annotations

import pytest

from controller.uplink.acknowledgement import Acknowledgement, NotAnAcknowledgement


def test_an_acknowledgement_is_read() -> None:
    parsed = Acknowledgement.parse(b'{"journal": "j-1", "received": 512, "more": "is ignored"}')
    assert parsed == Acknowledgement("j-1", 512)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b"512",
        b'{"journal": "j"}',
        b'{"received": 1}',
        b'{"journal": 1, "received": 1}',
        b'{"journal": "j", "received": "1"}',
        b'{"journal": "j", "received": true}',
        b'{"journal": "j", "received": 1.0}',
        b'{"journal": "j", "received": -1}',
        b"[" * 1000,
        b'{"journal": "j", "received": 1' + b"0" * 1000 + b"}",
    ],
)
def test_anything_else_is_refused_without_being_repeated(payload: bytes) -> None:
    with pytest.raises(NotAnAcknowledgement) as refused:
        Acknowledgement.parse(payload)
    assert len(str(refused.value)) < 60
