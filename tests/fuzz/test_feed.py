"""Names and signatures of files in a feed, from somebody who would like to choose who is let in."""

from __future__ import annotations

import base64
import hashlib
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from controller.membership.feed import name
from controller.membership.feed.name import FeedName
from controller.membership.feed.refusal import BadFile
from controller.secrets.minisign import BadKey, BadSignature, PublicKey, Signature, verify

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

NAMES = [
    b"members-full-20261122T060000Z.csv",
    b"a_b-delta-20261122T060000Z-20261122T070000Z.jsonl",
    b"x-full-delta-20261122T060000Z-20261122T070000Z.csv",
]
NAME_MARKS = [
    b"-full-",
    b"-delta-",
    b".csv",
    b".jsonl",
    b".part",
    b"../",
    b"\n",
    b"20260229T000000Z",
    b"\xd9\xa3",
]

KEY_ID = b"12345678"
SECRET = Ed25519PrivateKey.generate()
RAW_KEY = SECRET.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
KEY = PublicKey(KEY_ID, SECRET.public_key())
CONTENT = b"card_number,status\n"


def signature(content: bytes, comment: bytes, *, prehashed: bool) -> bytes:
    """As minisign makes it; tests/secrets/test_minisign.py has the program itself."""
    signed = SECRET.sign(hashlib.blake2b(content).digest() if prehashed else content)
    raw = (b"ED" if prehashed else b"Ed") + KEY_ID + signed
    lines = [
        b"untrusted comment: signature from minisign secret key",
        base64.b64encode(raw),
        b"trusted comment: " + comment,
        base64.b64encode(SECRET.sign(signed + comment)),
    ]
    return b"".join(line + b"\n" for line in lines)


SIGNATURES = [
    signature(CONTENT, b"timestamp:1\tfile:x.csv\thashed", prehashed=True),
    signature(CONTENT, b"timestamp:1\tfile:x.csv", prehashed=False),
    signature(b"other", b"timestamp:2\tfile:y.csv", prehashed=True),
]
MEANT = {tuple(one.splitlines()[1:]) for one in SIGNATURES[:2]}
MARKS = [b"untrusted comment: ", b"trusted comment: ", b"\n", b"\r\n", b"=", b"\0", b"file:", b"RW", b"RU"]


def test_a_name_is_what_it_says(hostile: Hostile) -> None:
    def holds(found: FeedName | None, document: bytes) -> None:
        if found is not None:
            text = document.decode()
            kind = "full" if found.since_us is None else f"delta-{moment(found.since_us)}"
            assert text.endswith(f"-{kind}-{moment(found.as_of_us)}.{found.format}")
            assert "/" not in text
            assert found.since_us is None or found.since_us < found.as_of_us

    hostile.try_documents(
        lambda document: name.parse(document.decode(errors="replace")), BadFile, NAMES, NAME_MARKS, holds
    )


def moment(wall_us: int) -> str:
    return datetime.fromtimestamp(wall_us / 1_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")


def test_nothing_that_was_spoiled_is_taken_for_signed(hostile: Hostile) -> None:
    def holds(found: str | None, document: bytes) -> None:
        assert found == "x.csv"
        assert tuple(document.replace(b"\r\n", b"\n").split(b"\n")[1:4]) in MEANT

    hostile.try_documents(
        lambda document: verify(io.BytesIO(CONTENT), Signature.parse(document), KEY),
        BadSignature,
        SIGNATURES,
        MARKS,
        holds,
    )


def test_a_public_key_is_what_would_be_written(hostile: Hostile) -> None:
    def holds(found: PublicKey, document: bytes) -> None:
        raw = found.key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        assert base64.b64encode(b"Ed" + found.id + raw) == document.decode().strip().encode()

    seeds = [base64.b64encode(b"Ed" + KEY_ID + RAW_KEY)]
    hostile.try_documents(
        lambda document: PublicKey.parse(document.decode(errors="replace")),
        BadKey,
        seeds,
        [b"=", b"A"],
        holds,
    )
