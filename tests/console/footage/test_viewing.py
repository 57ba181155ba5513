"""Footage is seen with a need, by who may, and every viewing is one event: the first, before any picture."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from controller.console.footage import film_views, preparing, workshop
from controller.core.event import EventType, NewEvent
from controller.footage.export.wanted import Exported
from controller.footage.worker.job import FilmJob, StillJob
from controller.store.footage import Footage
from controller.store.journal import JournalUnavailable

SECOND = 1_000_000
LIMIT_S = 30
SEEN = (EventType.FOOTAGE_VIEWED, EventType.FOOTAGE_VIEW_REFUSED, EventType.FOOTAGE_STILL_TAKEN)
SEEN += (EventType.CONSOLE_REFUSED,)


def test_a_viewing_is_one_event_before_the_first_frame(console: Any, recorded: Any, looked: Any) -> None:
    client, address = looked()
    page = client.get(address).content.decode()
    assert "Footage of entrance" in page
    assert "21 September 2026, 15:00:00 BST" in page
    assert "INC-2026-014" in page
    films = client.get(address + "films.json").json()
    (camera,) = films["cameras"]
    assert camera["films"] == [[one.id, one.start_us, one.end_us] for one in recorded.segments]
    assert films["offsets"] == [[recorded.start_us, 3600, "BST"]]
    whole = client.get(f"{address}film/{recorded.segments[0].id}.mp4")
    assert b"".join(whole) == (recorded.folder / recorded.segments[0].name).read_bytes()
    (event,) = console.events(*SEEN)
    assert event.type is EventType.FOOTAGE_VIEWED
    assert event.data == {
        "cameras": ["entrance"],
        "start_us": recorded.start_us,
        "end_us": recorded.start_us + 13 * SECOND,
        "need": "INC-2026-014",
        "cause": None,
        "user": "cctv",
        "console": True,
    }


def test_without_a_need_nothing_is_shown_and_that_is_recorded(console: Any, recorded: Any) -> None:
    client = console.client("cctv")
    for need in ("", "Mr Somebody"):
        answer = client.post("/footage/", recorded.form(need=need))
        assert answer.status_code == 400
        assert 'href="#need"' in answer.content.decode()
    assert [(e.type, e.data["cause"], e.data["asked"]) for e in console.events(*SEEN)] == [
        (EventType.FOOTAGE_VIEW_REFUSED, "no_need", "view")
    ] * 2
    assert "Somebody" not in str([event.data for event in console.events()])


def test_what_cannot_be_recorded_is_not_shown(
    console: Any, recorded: Any, looked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Still:
        def __init__(self, _job: StillJob) -> None: ...

        def picture(self) -> bytes:
            return b"a picture"

    def full(*_: object, **__: object) -> None:
        raise JournalUnavailable("the disk is full")

    client, address = looked()
    monkeypatch.setattr(film_views, "Work", Still)
    monkeypatch.setattr(console.branch.staff, "record", full)
    before = list(client.session["viewings"])
    for path, form in (
        ("/footage/", recorded.form()),
        ("/footage/", recorded.form(need="")),
        (f"{address}still", {"camera": "entrance", "at": str(recorded.start_us + SECOND)}),
    ):
        answer = client.post(path, form)
        assert answer.status_code == 503
        assert b"a picture" not in answer.content
        assert "cannot be recorded, so it was not done" in answer.content.decode()
    assert client.session["viewings"] == before


def test_while_the_clock_is_not_set_nobody_is_known_to_be_trained(
    console: Any, looked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = looked()
    unset = replace(console.stamp(), clock_trusted=False)
    monkeypatch.setattr(console.branch.staff, "now", lambda: unset)
    for path in ("/footage/", address, f"{address}films.json"):
        assert client.get(path).status_code == 403
    refused = console.events(EventType.CONSOLE_REFUSED)
    assert [event.data["cause"] for event in refused] == ["clock_untrusted"] * 3


def test_what_is_typed_wrongly_is_said_and_no_refusal(console: Any, recorded: Any) -> None:
    answer = console.client("cctv").post("/footage/", recorded.form(camera="cellar", end="25:00"))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert 'href="#camera"' in page
    assert 'href="#end"' in page
    assert console.events(*SEEN) == []


def test_other_roles_see_nothing(console: Any, recorded: Any, looked: Any) -> None:
    _, address = looked()
    roles = ("desk", "supervisor", "dpo", "auditor", "engineer")
    for role in roles:
        for path in ("/footage/", f"{address}film/{recorded.segments[0].id}.mp4", "/footage/export/"):
            assert console.client(role).get(path).status_code == 403
    refused = console.events(EventType.CONSOLE_REFUSED)
    assert [event.data["user"] for event in refused] == [role for role in roles for _ in range(3)]


def test_a_viewing_is_of_its_account_and_of_its_session(console: Any, recorded: Any, looked: Any) -> None:
    client, address = looked()
    film = f"{address}film/{recorded.segments[0].id}.mp4"
    console.account("cctv", name="other")
    for other in (console.client("cctv", name="other"), console.client("cctv")):
        for path in (address, film, address + "films.json"):
            assert other.get(path).status_code == 404
    refused = console.events(EventType.FOOTAGE_VIEW_REFUSED)
    assert [event.data["cause"] for event in refused] == ["no_need"] * 6
    assert client.get(film).status_code == 200


def test_only_films_of_the_viewing_are_shown(console: Any, recorded: Any, looked: Any) -> None:
    client, address = looked(end="15:00:05")
    assert client.get(f"{address}film/{recorded.segments[0].id}.mp4").status_code == 200
    assert client.get(f"{address}film/{recorded.segments[1].id}.mp4").status_code == 404
    assert client.get(f"{address}film/{uuid.uuid4()}.mp4").status_code == 404
    (event,) = console.events(EventType.FOOTAGE_VIEW_REFUSED)
    assert event.data["cause"] == "not_of_viewing"


def test_no_row_leads_out_of_the_footage_folder(console: Any, recorded: Any, looked: Any) -> None:
    paths = console.branch.paths
    (paths.footage_dir / "secret.mp4").write_bytes(b"secret")
    odd = replace(recorded.segments[0], id=str(uuid.uuid4()), name="secret.mp4")
    with closing(Footage.open(paths.footage)) as footage:
        footage.add_segment(odd)
    client, address = looked()
    answer = client.get(f"{address}film/{odd.id}.mp4")
    assert answer.status_code == 404
    assert b"secret" not in answer.content
    for path in (f"{address}film/..%2F..%2Fsecret.mp4", f"{address}film/../../secret.mp4"):
        assert client.get(path).status_code == 404


def test_what_is_of_a_restricted_event_is_not_shown(
    console: Any, recorded: Any, looked: Any, restrict: Callable[[str], None]
) -> None:
    client, address = looked()
    restrict(recorded.event.id)
    films = client.get(address + "films.json").json()["cameras"][0]
    assert [one[0] for one in films["films"]] == [recorded.segments[1].id]
    assert films["restricted"] == [[recorded.segments[0].start_us, recorded.segments[0].end_us]]
    assert "Restricted: stored only" in client.get(address).content.decode()
    assert "forced" not in client.get(address).content.decode().lower()
    assert client.get(f"{address}film/{recorded.segments[0].id}.mp4").status_code == 404
    still = client.post(address + "still", {"camera": "entrance", "at": recorded.start_us + SECOND})
    assert still.status_code == 404
    assert console.events(EventType.FOOTAGE_STILL_TAKEN) == []


def test_the_page_tells_what_happened_and_what_is_missing(console: Any, recorded: Any, looked: Any) -> None:
    at = replace(console.stamp(), wall_us=recorded.start_us + SECOND)
    later = replace(at, wall_us=recorded.start_us + 2 * SECOND)
    gap = {
        "camera": "entrance",
        "from_us": recorded.start_us + 3 * SECOND,
        "to_us": recorded.start_us + 10 * SECOND,
    }
    console.write(
        "recorder",
        [
            NewEvent(EventType.MOTION_STARTED, "entrance", at),
            NewEvent(EventType.MOTION_ENDED, "entrance", later),
            NewEvent(EventType.RECORDING_GAP, "entrance", later, {**gap, "cause": "camera_lost"}),
        ],
    )
    client, address = looked()
    page = client.get(address).content.decode()
    assert "Not recorded: the camera did not answer" in page
    assert "Something moved once" in page
    assert f'data-at="{recorded.event.stamp.wall_us}"' in page
    assert page.count('class="scrubber__recorded"') == 4  # two stretches, with scripts and without
    film = client.get(f"{address}film/{recorded.segments[1].id}/").content.decode()
    assert "<video" in film
    assert "The film before" in film


def test_an_event_leads_to_its_cameras_and_its_time(console: Any, recorded: Any) -> None:
    page = console.client("cctv").get(f"/footage/?event={recorded.event.id}").content.decode()
    assert 'value="2026-09-21"' in page
    assert 'value="15:00:00"' in page
    assert 'value="15:00:02"' in page
    assert page.count(" checked") == 1
    assert 'Footage since <time datetime="2026-09-21T15:00:00+01:00">' in page
    assert console.events(*SEEN) == []


class Working:
    """Does at once what the process that works on pictures does."""

    def __init__(self, job: StillJob | FilmJob) -> None:
        self._job = job

    def picture(self) -> bytes:
        assert isinstance(self._job, StillJob)
        return b"\x89PNG" + str(self._job.offset_us).encode()

    def films(self, _told: object, _longest_s: float | None = None) -> Exported:
        assert isinstance(self._job, FilmJob)
        self._job.target.write_bytes(str(self._job.wanted.masks).encode())
        return Exported((), ())

    def cancel(self) -> None: ...


def test_a_still_is_an_event_and_a_picture(
    console: Any, recorded: Any, looked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_views, "Work", Working)
    client, address = looked()
    at_us = recorded.start_us + SECOND
    answer = client.post(address + "still", {"camera": "entrance", "at": at_us})
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content == b"\x89PNG1000000"
    assert 'filename="entrance-2026-09-21-150001.png"' in answer.headers["Content-Disposition"]
    (event,) = console.events(EventType.FOOTAGE_STILL_TAKEN)
    assert event.subject == "entrance"
    assert event.data["at_us"] == at_us
    assert event.data["need"] == "INC-2026-014"
    nothing = client.post(address + "still", {"camera": "entrance", "start": at_us, "seconds": "5"})
    assert nothing.status_code == 404
    assert client.post(address + "still", {"camera": "yard", "at": at_us}).status_code == 400
    assert len(console.events(EventType.FOOTAGE_STILL_TAKEN)) == 1


def test_a_film_that_is_gone_is_said_to_be(console: Any, recorded: Any, looked: Any) -> None:
    client, address = looked()
    (recorded.folder / recorded.segments[0].name).unlink()
    answer = client.get(f"{address}film/{recorded.segments[0].id}.mp4")
    assert answer.status_code == 404
    assert "not there any more" in answer.content.decode()


def test_parts_of_a_film_are_sent(recorded: Any, looked: Any) -> None:
    client, address = looked()
    content = (recorded.folder / recorded.segments[0].name).read_bytes()
    path = f"{address}film/{recorded.segments[0].id}.mp4"
    part = client.get(path, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == content[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(content)}"
    assert client.get(path, headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    changed = client.get(path, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert changed.status_code == 200


def test_what_a_browser_cannot_play_is_encoded_and_soon_gone(
    console: Any, recorded: Any, looked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_half = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    monkeypatch.setattr(film_views, "masks_for", lambda *_: (left_half,))
    monkeypatch.setattr(preparing, "Work", Working)
    client, address = looked()
    film = f"{address}film/{recorded.segments[0].id}"
    assert client.get(film + ".mp4").status_code == 503
    until = time.monotonic() + LIMIT_S
    while (state := client.get(film + "/state.json").json()["state"]) not in ("ready", "failed"):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert state == "ready"
    assert "<video" in client.get(film + "/").content.decode()
    part = client.get(film + ".mp4", headers={"Range": "bytes=0-"})
    assert part.status_code == 206
    (copy,) = console.branch.paths.prepared.iterdir()
    assert copy.read_bytes() == part.content == str((left_half,)).encode()
    workshop.close()
    assert not console.branch.paths.prepared.exists()
    assert len(console.events(*SEEN)) == 1
