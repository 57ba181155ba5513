"""Exports, from somebody who would like another film to pass for one, or to harm whoever verifies it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from controller.footage.export.manifest import FORMAT, BadManifest, Branch, Manifest, utc
from controller.footage.export.pictures import Pictures, Unreadable, measure

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

T0 = 1_790_000_000_000_000
DIGEST = "0" * 64
FILM = {
    "name": "out.mp4",
    "size_bytes": 1,
    "sha256": DIGEST,
    "codec": "h264",
    "width": 1,
    "height": 1,
    "length_us": 1,
    "pictures": "encoded_anew",
    "masks": (((0.0, 0.25), (1.0, 0.5), (0.5, 1.0)),),
    "payloads_sha256": DIGEST,
    "times_sha256": DIGEST,
    "parameters_sha256": DIGEST,
    "parts": (),
}
MANIFEST = Manifest.model_validate(
    {
        "format": FORMAT,
        "software": "x",
        "branch": Branch(authority="a", branch="b", name="c"),
        "camera": "entrance",
        "asked_from": T0,
        "asked_to": T0 + 1,
        "clip": None,
        "event": None,
        "need": "INC-1",
        "exported_by": "root",
        "exported_at": T0,
        "clock_trusted": True,
        "signed_with": "A",
        "films": (FILM,),
        "gaps": ({"begins": T0, "ends": T0 + 1, "cause": None},),
    }
).text()
PIECES = [b"null", b"NaN", b'"', b"}", b"]", b"..", b"\xff", b"1e400", b"-1", utc(1).encode(), b"0" * 64]


def film(folder: Path) -> bytes:
    file = folder / "seed.mp4"
    with av.open(str(file), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(20):
            picture = np.full((48, 64, 3), shade * 10, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return file.read_bytes()


def test_a_manifest_is_what_would_be_written(hostile: Hostile) -> None:
    assert Manifest.parse(MANIFEST).text() == MANIFEST
    for document in hostile.documents([MANIFEST], PIECES):  # nearly all are refused
        try:
            found = Manifest.parse(document)
        except BadManifest:
            continue
        assert Manifest.parse(found.text()) == found


def test_a_film_is_measured_or_refused(tmp_path: Path, hostile: Hostile) -> None:
    file = tmp_path / "hostile.mp4"

    def measured(document: bytes) -> Pictures:
        file.write_bytes(document)
        return measure(file)

    pieces = [b"moov", b"mdat", b"stts", b"\0\0\0\0", b"\xff" * 4, b"\0\0\0\1"]
    hostile.try_documents(measured, Unreadable, [film(tmp_path)], pieces)
