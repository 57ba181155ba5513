"""The parts of a backup as one stream: a tar of gzip, which other programs read as well.

First a manifest, then the parts, then the SHA-256 of each with the branch's signature over them: anybody can
encrypt to a public key, and only the branch can sign. Never here: encrypting, and what the parts are.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from controller.backup.contents import MANIFEST
from controller.secrets.minisign_signing import SigningKey, comment

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.minisig"
FORMAT = 1
_BLOCK = 512
_SLICE = 1024 * 1024
_LEVEL = 6
_GZIP = 31


@dataclass(frozen=True, slots=True)
class Manifest:
    """release: which wrote it. Times in microseconds since 1970 UTC."""

    authority: str
    branch: str
    made_us: int
    until_us: int
    release: str
    format: int = FORMAT

    def text(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode() + b"\n"

    @classmethod
    def parse(cls, content: bytes) -> Manifest:
        """Raises ValueError for what is none, or of a later format."""
        match json.loads(content):
            case {
                "authority": str() as authority,
                "branch": str() as branch,
                "made_us": int() as made_us,
                "until_us": int() as until_us,
                "release": str() as release,
                "format": int() as format,
            }:
                if format > FORMAT:
                    raise ValueError(f"it was made by release {release}; restore it with that")
                return cls(authority, branch, made_us, until_us, release, format)
        raise ValueError("it has no manifest of a backup")


def packed(manifest: Manifest, parts: Iterator[tuple[str, bytes]], key: SigningKey | None) -> Iterator[bytes]:
    """The stream. key: None where the branch has none, and nobody will know who made it."""
    squeezed = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    for chunk in _tar(manifest, parts, key):
        if out := squeezed.compress(chunk):
            yield out
    yield squeezed.flush()


def _tar(manifest: Manifest, parts: Iterator[tuple[str, bytes]], key: SigningKey | None) -> Iterator[bytes]:
    made_s = manifest.made_us // 1_000_000
    sums: list[str] = []

    def members() -> Iterator[tuple[str, bytes]]:
        yield MANIFEST, manifest.text()
        yield from parts

    for name, content in members():
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        yield from _member(name, content, made_s)
    said = "".join(sums).encode()
    yield from _member(SUMS, said, made_s)
    if key is not None:
        signature = key.sign(io.BytesIO(said), comment(made_s, SUMS))
        yield from _member(SIGNATURE, signature, made_s)
    yield bytes(2 * _BLOCK)


def _member(name: str, content: bytes, made_s: int) -> Iterator[bytes]:
    header = tarfile.TarInfo(name)
    header.size, header.mtime, header.mode = len(content), made_s, 0o600
    yield header.tobuf(tarfile.PAX_FORMAT)
    for begin in range(0, len(content), _SLICE):
        yield content[begin : begin + _SLICE]
    yield bytes(-len(content) % _BLOCK)
