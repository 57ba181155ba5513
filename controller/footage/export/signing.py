"""The manifest and its signature on their way to disk, beside the films.

The signature's trusted comment names the hash of each film as well: were the manifest altered, it could
still be told whether the films were.
"""

from __future__ import annotations

import io
from pathlib import Path

from controller.footage.export.manifest import SIGNATURE_SUFFIX, SUFFIX, Manifest
from controller.footage.export.staging import ExportError, Staging
from controller.secrets.minisign_signing import LONGEST_COMMENT, SigningKey, comment

HASH = "sha256:"
"""What a field of the comment begins with that has a film's hash. Fields end with tabs."""


def manifest_of(film: Path) -> Path:
    return film.with_name(film.name + SUFFIX)


def signature_of(manifest: Path) -> Path:
    return manifest.with_name(manifest.name + SIGNATURE_SUFFIX)


def sign(manifest: Manifest, target: Path, staging: Staging, key: SigningKey) -> None:
    """Stage both. target: the first film. Raises ExportError."""
    content, file = manifest.text(), manifest_of(target)
    signed_s = manifest.exported_at // 1_000_000
    hashes = [f"{HASH}{film.sha256}" for film in manifest.films]
    said = comment(signed_s, file.name, hashes)
    if len(said) > LONGEST_COMMENT:
        said = comment(signed_s, file.name)
    for path, written in ((file, content), (signature_of(file), key.sign(io.BytesIO(content), said))):
        hidden = staging.add(path)
        try:
            hidden.write_bytes(written)
        except OSError as error:
            raise ExportError(f"{path}: {error.strerror}") from error
