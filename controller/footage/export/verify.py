"""Is an export what was exported? The signature, the manifest, then each film by its hash or its pictures.

Needs the files and a public key, nothing of the branch. Never here: words for people.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from controller.footage.export.comparing import Differs, compare
from controller.footage.export.manifest import LARGEST, BadManifest, FilmFile, Manifest
from controller.footage.export.pictures import Unreadable, measure
from controller.footage.export.signing import HASH, manifest_of, signature_of
from controller.secrets import minisign
from controller.secrets.minisign import BadSignature, PublicKey, Signature


class ExportFault(StrEnum):
    """What may be wrong with an export beside its pictures."""

    SIGNATURE_MISSING = "signature_missing"
    SIGNATURE_WRONG = "signature_wrong"
    MANIFEST_MISSING = "manifest_missing"
    MANIFEST_ALTERED = "manifest_altered"
    MANIFEST_UNREADABLE = "manifest_unreadable"
    FILM_MISSING = "film_missing"
    FILM_UNREADABLE = "film_unreadable"


@dataclass(frozen=True, slots=True)
class Found:
    """A fault of a file. why: in the words of whatever noticed it."""

    fault: ExportFault
    file: Path
    why: str


@dataclass(frozen=True, slots=True)
class FilmChecked:
    """A film as it was found. intact: bit by bit. signed: its hash is in the signature's own comment."""

    film: FilmFile
    file: Path
    intact: bool
    signed: bool
    differs: tuple[Differs, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """manifest: None if there is none to be read. signed: by the key, as it is."""

    manifest: Manifest | None
    signed: bool
    faults: tuple[Found, ...]
    films: tuple[FilmChecked, ...]

    @property
    def intact(self) -> bool:
        return self.signed and not self.faults and all(film.intact for film in self.films)


def verify(film: Path, keys: Sequence[PublicKey]) -> Verified:
    """film: the first of an export, beside which all else is. keys: one of them should have signed it.

    Raises OSError.
    """
    text = manifest_of(film)
    faults: list[Found] = []
    content = _content(text)
    if content is None:
        why = "there is no such file (an export of several films is verified by its first)"
        faults.append(Found(ExportFault.MANIFEST_MISSING, text, why))
    signed, hashes = _signed(text, content, keys, faults)
    manifest: Manifest | None = None
    if content is not None:
        try:
            manifest = Manifest.parse(content)
        except BadManifest as error:
            faults.append(Found(ExportFault.MANIFEST_UNREADABLE, text, str(error)))
    films: list[FilmChecked] = []
    for number, expected in enumerate(manifest.films if manifest else ()):
        file = film if number == 0 else film.with_name(expected.name)
        if checked := _film(expected, file, hashes, faults):
            films.append(checked)
    return Verified(manifest, signed, tuple(faults), tuple(films))


def _content(file: Path) -> bytes | None:
    if not file.is_file():  # a pipe would be waited for
        return None
    with file.open("rb") as opened:
        return opened.read(LARGEST + 1)


def _signed(
    text: Path, content: bytes | None, keys: Sequence[PublicKey], faults: list[Found]
) -> tuple[bool, frozenset[str]]:
    """Whether the manifest is signed as it is, and the hashes of films that the signature itself has."""
    file = signature_of(text)
    written = _content(file)
    if written is None:
        faults.append(Found(ExportFault.SIGNATURE_MISSING, file, "there is no such file"))
        return False, frozenset()
    try:
        signature = Signature.parse(written)
        key = next((key for key in keys if key.id == signature.key_id), keys[0])
        comment = minisign.verify_comment(signature, key).decode(errors="replace")
    except BadSignature as error:
        faults.append(Found(ExportFault.SIGNATURE_WRONG, file, str(error)))
        return False, frozenset()
    hashes = frozenset(part.removeprefix(HASH) for part in comment.split("\t") if part.startswith(HASH))
    if content is None:
        return False, hashes
    try:
        minisign.verify(io.BytesIO(content), signature, key)
    except BadSignature as error:
        faults.append(Found(ExportFault.MANIFEST_ALTERED, text, str(error)))
        return False, hashes
    return True, hashes


def _film(expected: FilmFile, file: Path, hashes: frozenset[str], faults: list[Found]) -> FilmChecked | None:
    if not file.is_file():
        faults.append(Found(ExportFault.FILM_MISSING, file, "there is no such file"))
        return None
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    signed = digest in hashes
    if digest == expected.sha256:
        return FilmChecked(expected, file, True, signed)
    try:
        pictures = measure(file)
    except Unreadable as error:
        size = file.stat().st_size
        why = f"it cannot be read as a film ({error}); it has {size} bytes of {expected.size_bytes}"
        faults.append(Found(ExportFault.FILM_UNREADABLE, file, why))
        return None
    return FilmChecked(expected, file, False, signed, tuple(compare(expected, pictures)))
