"""Reading a backup: decrypted, its parts one after the other, and their hashes compared at the end.

Nothing of it may be believed before ``unpack`` has returned. Whoever made the file chooses its content, so
names are those that a backup can have, and a part is a plain file. Never here: where parts are put.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from controller.backup.contents import LARGEST_TEXT, MANIFEST, is_part
from controller.backup.packing import SIGNATURE, SUMS, Manifest
from controller.secrets import age_file
from controller.secrets.age_file import BadAgeKey, NotOpened
from controller.secrets.credentials import Secret
from controller.secrets.minisign import BadSignature, PublicKey, Signature, verify


class BackupUnusable(Exception):
    """It cannot be opened, or is not what the branch has made. The message names the file."""


class Part(Protocol):
    """The content of a part, to be read to its end."""

    def read(self, size: int = -1, /) -> bytes: ...


Take = Callable[[Manifest, str, int, Part], None]
"""Called for each part with its name and size."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """sums: each part with its SHA-256. text, signature: of the file that has them; None: nobody signed."""

    manifest: Manifest
    sums: dict[str, str]
    text: bytes
    signature: bytes | None

    def check_signature(self, key: PublicKey) -> None:
        """Whether this branch made it. Raises BadSignature."""
        if self.signature is None:
            raise BadSignature("nobody signed it")
        verify(io.BytesIO(self.text), Signature.parse(self.signature), key)


class _Hashed:
    def __init__(self, part: Part) -> None:
        self._part = part
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        some = self._part.read(size)
        self.digest.update(some)
        return some

    def to_end(self) -> None:
        while self.read(age_file.BLOCK):
            pass


def unpack(file: Path, identity: Secret, take: Take) -> Unpacked:
    """Raises BackupUnusable, BadAgeKey, OSError, and what ``take`` raises."""
    read_end, write_end = os.pipe2(os.O_CLOEXEC)
    failed: list[Exception] = []

    def decrypt() -> None:
        with suppress(BrokenPipeError), os.fdopen(write_end, "wb") as out:
            try:
                with file.open("rb") as opened:
                    age_file.decrypt(opened, out, identity)
            except (BadAgeKey, NotOpened, OSError) as error:
                failed.append(error)

    # Python's tar reads, and age's library writes: each wants to be the one who calls.
    thread = threading.Thread(target=decrypt, name="decrypt", daemon=True)
    thread.start()
    wrong: Exception | None = None
    found: Unpacked | None = None
    with os.fdopen(read_end, "rb") as stream:
        try:
            found = _read(stream, take)
            while stream.read(age_file.BLOCK):
                pass
        except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
            wrong = error
    thread.join()
    for why in failed:
        if isinstance(why, NotOpened):
            raise BackupUnusable(f"{file}: {why}") from None
        raise why
    if wrong is not None or found is None:
        raise BackupUnusable(f"{file}: it is no backup of a branch: {wrong}")
    return found


def _read(stream: IO[bytes], take: Take) -> Unpacked:
    manifest: Manifest | None = None
    sums: dict[str, str] = {}
    texts: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r|gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if not member.isreg() or content is None or member.name in sums or member.name in texts:
                raise ValueError(f"{member.name} is no plain part")
            part = _Hashed(content)
            if member.name in (SUMS, SIGNATURE):
                texts[member.name] = _text(part)
                continue
            if texts:
                raise ValueError(f"{member.name} comes after the hashes")
            if manifest is None:
                if member.name != MANIFEST:
                    raise ValueError("it does not begin with a manifest")
                manifest = Manifest.parse(_text(part))
            elif not is_part(member.name):
                raise ValueError(f"this release knows no part {member.name}")
            else:
                take(manifest, member.name, member.size, part)
                part.to_end()
            sums[member.name] = part.digest.hexdigest()
    said = "".join(f"{sum_}  {name}\n" for name, sum_ in sums.items()).encode()
    if manifest is None or texts.get(SUMS) != said:
        raise ValueError("its hashes are not those of its parts")
    return Unpacked(manifest, sums, said, texts.get(SIGNATURE))


def _text(part: Part) -> bytes:
    content = part.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise ValueError("a part is larger than it can be")
    return content
