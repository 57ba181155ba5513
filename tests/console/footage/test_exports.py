"""Exports from the staff pages: one event each, before there is a file, and as ``clip verify`` wants them."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from controller.console.footage import exporting
from controller.console.footage.workshop import workshop_of
from controller.core.event import EventType
from controller.footage.export.manifest import Manifest
from controller.footage.export.verify import verify
from controller.footage.export.wanted import Exported
from controller.footage.worker.client import WorkFailed
from controller.footage.worker.job import FilmJob
from controller.secrets.minisign_signing import SigningKey

LIMIT_S = 30
SECOND = 1_000_000
FOOTAGE = (EventType.CLIP_EXPORTED, EventType.FOOTAGE_VIEWED, EventType.FOOTAGE_VIEW_REFUSED)


def made(client: Any, address: str) -> str:
    """How it ended."""
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        state = str(client.get(address + "state.json").json()["state"])
        if state in ("ready", "failed"):
            return state
        time.sleep(0.05)
    raise AssertionError("the export did not end")


def asked_for(client: Any, form: dict[str, Any]) -> str:
    answer = client.post("/footage/export/", form)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def fetched(client: Any, address: str, folder: Path) -> Path:
    """All files of an export; the first film."""
    films = []
    for number in range(3):
        answer = client.get(f"{address}file/{number}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        film = folder / answer.headers["Content-Disposition"].partition('filename="')[2].strip('"')
        film.write_bytes(b"".join(answer))
        films.append(film)
    return films[0]


def test_a_clip_is_exported_as_on_the_command_line(
    console: Any, recorded: Any, signing: SigningKey, tmp_path: Path
) -> None:
    client = console.client("cctv")
    page = client.get(f"/footage/export/?clip={recorded.clip.id}").content.decode()
    assert f'name="clip" value="{recorded.clip.id}"' in page
    form = recorded.form(begin="15:00:00", end="15:00:02", clip=recorded.clip.id)
    address = asked_for(client, form)
    assert made(client, address) == "ready"
    page = client.get(address).content.decode()
    assert "unlocked clip verify entrance-2026-09-21-1500.mp4" in page
    (event,) = console.events(*FOOTAGE)
    assert event.type is EventType.CLIP_EXPORTED
    assert (event.data["need"], event.data["user"], event.data["console"]) == ("INC-2026-014", "cctv", True)
    assert (event.data["clip"], event.data["cause"]) == (recorded.clip.id, recorded.event.id)
    film = fetched(client, address, tmp_path)
    verified = verify(film, [signing.public])
    assert verified.intact
    manifest = verified.manifest
    assert isinstance(manifest, Manifest)
    assert manifest.exported_by == "cctv"
    assert manifest.event is not None
    assert manifest.event.type == "door.forced"
    assert manifest.event.film_at_us == SECOND
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{address}all.zip").getvalue()))
    assert archive.read(film.name) == film.read_bytes()
    assert console.events(*FOOTAGE) == [event]  # fetching them is none more
    other = console.client("cctv", name="other")
    assert other.get(address).status_code == other.get(f"{address}file/0").status_code == 404
    assert other.get(f"{address}all.zip").status_code == 404
    assert other.post(address + "remove").status_code == 404
    assert client.get(f"{address}file/3").status_code == 404
    exports = console.branch.paths.exports
    assert list(exports.iterdir())
    assert client.post(address + "remove").status_code == 302
    assert list(exports.iterdir()) == []
    assert client.get(address).status_code == 404


def test_an_export_that_fails_says_why_and_leaves_nothing(
    console: Any, recorded: Any, signing: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        def __init__(self, job: FilmJob) -> None:
            job.target.write_bytes(b"half a film")

        def films(self, _told: object, _longest_s: float | None = None) -> Exported:
            raise WorkFailed("it is not what was recorded: its hash differs")

    monkeypatch.setattr(exporting, "Work", Failing)
    client = console.client("cctv")
    address = asked_for(client, recorded.form())
    assert made(client, address) == "failed"
    assert "its hash differs" in client.get(address).content.decode()
    assert console.events(*FOOTAGE) == []
    assert list(console.branch.paths.exports.iterdir()) == []


def test_an_export_wants_a_need_a_key_and_nothing_restricted(
    console: Any, recorded: Any, restrict: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = console.client("cctv")
    assert client.post("/footage/export/", recorded.form(need="")).status_code == 400
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    answer = client.post("/footage/export/", recorded.form())
    assert answer.status_code == 503
    assert "export-signing-key" in answer.content.decode()
    restrict(recorded.event.id)
    assert client.post("/footage/export/", recorded.form()).status_code == 403
    refused = console.events(*FOOTAGE)
    assert [(e.data["cause"], e.data["asked"]) for e in refused] == [
        ("no_need", "export"),
        ("restricted", "export"),
    ]


def test_a_viewing_leads_to_its_export(console: Any, looked: Any) -> None:
    client, address = looked()
    id = address.strip("/").rpartition("/")[2]
    page = client.get(f"/footage/export/?viewing={id}&camera=entrance&begin=15:00:05").content.decode()
    assert 'value="INC-2026-014"' in page
    assert 'value="15:00:05"' in page
    assert 'value="15:00:13"' in page
    stranger = console.client("cctv", name="other").get(f"/footage/export/?viewing={id}").content.decode()
    assert 'INC-2026-014"' not in stranger


def test_what_an_earlier_run_left_is_removed(console: Any) -> None:
    for folder in (console.branch.paths.exports, console.branch.paths.prepared):
        folder.mkdir(parents=True)
        (folder / "left.mp4").write_bytes(b"film")
    workshop_of(console.branch)
    assert not console.branch.paths.exports.exists()
    assert not console.branch.paths.prepared.exists()
