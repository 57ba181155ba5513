"""An archive that is made while it is sent is one that every program opens."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from controller.console.footage.zipped import CHUNK, zipped


def test_the_archive_has_every_file_as_it_is(tmp_path: Path) -> None:
    contents = {"film.mp4": bytes(range(256)) * (CHUNK // 128), "film.mp4.json": b"{}", "empty": b""}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    sent = b"".join(zipped([tmp_path / name for name in contents]))
    archive = zipfile.ZipFile(io.BytesIO(sent))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == contents
    (tmp_path / "all.zip").write_bytes(sent)
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(tmp_path / "all.zip")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "film.mp4.json" in listed.stdout


def test_it_is_sent_piece_by_piece(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(bytes(10 * CHUNK))
    assert max(len(piece) for piece in zipped([tmp_path / "film.mp4"])) < 2 * CHUNK
