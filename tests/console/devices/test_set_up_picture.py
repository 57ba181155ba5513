"""The picture to set a camera up by: for whom, for which need, and each recorded once."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from controller.console.devices.set_up_picture import KEPT_US, MOST, Picture, Pictures
from controller.core.event import EventType
from controller.core.restriction import Ground, Restriction
from controller.footage.segment_name import SegmentName
from controller.footage.worker.client import WorkFailed
from controller.footage.worker.job import StillJob
from controller.recorder.books import row
from controller.recorder.segments.segment_writer import SegmentWriter
from controller.settings.staff import Role
from controller.store.footage import Clip, Footage
from controller.store.registers import Registers
from simulator.camera.square import encode

ASK = "/devices/cameras/entrance/picture/"
NEED = {"need": "INC-2026-014"}
SECOND_US = 1_000_000
JPEG = b"\xff\xd8 a picture"


@pytest.fixture
def recorded(console: Any) -> SegmentName:
    """Six seconds, which end ten seconds ago."""
    return record(console, ago_s=10)


def record(console: Any, ago_s: int, camera: str = "entrance") -> SegmentName:
    branch, film = console.branch, encode([n * 4 % 280 for n in range(60)])
    start_us = console.clock.wall_us - (ago_s + 6) * SECOND_US
    name = SegmentName(camera, start_us, 5_000_000, "b0075f2c-0000-4000-8000-1b2c3d4e5f60", True)
    branch.paths.footage_dir.mkdir(parents=True, exist_ok=True)
    branch.paths.footage.parent.mkdir(parents=True, exist_ok=True)
    with SegmentWriter(branch.paths.footage_dir, name, film.format) as writer:
        for packet in film.packets:
            writer.write(packet)
        segment = row(writer.close(start_us + 6 * SECOND_US), recovered=False)
    with closing(Footage.open(branch.paths.footage)) as footage:
        footage.add_segment(segment)
    return name


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[StillJob]:
    """What was asked of the process that works on pictures, which makes none."""
    jobs: list[StillJob] = []

    class Made:
        def __init__(self, job: StillJob) -> None:
            jobs.append(job)

        def picture(self) -> bytes:
            return JPEG

    monkeypatch.setattr("controller.console.devices.set_up_picture.Work", Made)
    return jobs


def test_only_who_is_trained_for_cctv_may_ask(console: Any) -> None:
    others = [role for role in Role if role is not Role.CCTV]
    for role in others:
        client = console.client(role)
        assert client.get(ASK).status_code == 403
        assert client.post(ASK, NEED).status_code == 403
        assert client.get("/devices/pictures/any/picture.jpg").status_code == 403
    assert len(console.events(EventType.CONSOLE_REFUSED)) == 3 * len(others)
    assert console.events(EventType.CAMERA_PICTURE_TAKEN) == []


@pytest.mark.usefixtures("recorded")
def test_a_picture_is_taken_for_a_need_and_recorded_once(console: Any) -> None:
    client = console.client("cctv")
    assert client.get(ASK).status_code == 200
    answer = client.post(ASK, NEED)
    assert answer.status_code == 302
    (event,) = console.events(EventType.CAMERA_PICTURE_TAKEN)
    assert event.subject == "entrance"
    assert event.data == {"need": "INC-2026-014", "user": "cctv", "console": True}
    shown = client.get(answer.headers["Location"])
    assert shown.status_code == 200
    assert "What camera entrance recorded last: no zones outlined, no masks filled" in shown.content.decode()
    picture = client.get(f"{answer.headers['Location']}picture.jpg")
    assert (picture.headers["Content-Type"], picture.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert picture.content.startswith(b"\xff\xd8")
    assert len(console.events(EventType.CAMERA_PICTURE_TAKEN)) == 1


@pytest.mark.usefixtures("recorded")
def test_nobody_else_sees_it_and_it_is_soon_gone(console: Any, made: list[StillJob]) -> None:
    client = console.client("cctv")
    place = client.post(ASK, NEED).headers["Location"]
    assert made[0].offset_us == 6 * SECOND_US
    assert client.get(f"{place}picture.jpg").content == JPEG
    assert console.client("cctv").get(f"{place}picture.jpg").status_code == 404  # another session
    assert console.client("everything").get(place).status_code == 404
    console.clock.sleep(KEPT_US / 1e6 + 1)
    assert "The picture is gone" in client.get(place).content.decode()
    assert client.get(f"{place}picture.jpg").status_code == 404


def test_without_a_need_there_is_none_and_that_is_recorded(console: Any, made: list[StillJob]) -> None:
    client = console.client("cctv")
    needs = ("", "a need with blanks", "x")
    for need in needs:
        answer = client.post(ASK, {"need": need})
        assert answer.status_code == 400
        assert '<a href="#need">' in answer.content.decode()
    events = console.events(EventType.FOOTAGE_VIEW_REFUSED)
    assert [(one.data["cause"], one.data["asked"]) for one in events] == [("no_need", "picture")] * len(needs)
    assert console.events(EventType.CAMERA_PICTURE_TAKEN) == []
    assert made == []


def test_what_is_restricted_is_not_shown(console: Any, recorded: SegmentName, made: list[StillJob]) -> None:
    end_us = recorded.start_us + 6 * SECOND_US
    restricted = "019a0000-0000-7000-8000-000000000001"
    with closing(Footage.open(console.branch.paths.footage)) as footage:
        footage.add_clip(
            Clip(
                "019a0000-0000-7000-8000-00000000000c",
                "entrance",
                "door",
                1,
                restricted,
                end_us - 2 * SECOND_US,
                end_us,
            )
        )
    with closing(Registers.open(console.branch.paths.registers)) as registers:
        placed_us = console.clock.wall_us
        registers.add_restriction(
            Restriction(restricted, "REQ-1", Ground.CLAIM, frozenset({restricted}), placed_us, "dpo")
        )
    answer = console.client("cctv").post(ASK, NEED)
    assert answer.status_code == 409
    assert "restricted" in answer.content.decode()
    assert made == []
    (refused,) = console.events(EventType.FOOTAGE_VIEW_REFUSED)
    assert (refused.data["cause"], refused.data["asked"]) == ("restricted", "picture")
    assert console.events(EventType.CAMERA_PICTURE_TAKEN) == []


def test_what_is_old_or_cannot_be_made_is_told_and_not_recorded(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = console.client("cctv")

    def fails(_job: StillJob) -> None:
        raise WorkFailed("it took too long")

    def said() -> str:
        answer = client.post(ASK, NEED)
        assert answer.status_code == 409
        return str(answer.content.decode())

    assert "nothing was recorded of this camera" in said()
    record(console, ago_s=3700)
    assert "nothing was recorded of this camera" in said()
    record(console, ago_s=10)
    monkeypatch.setattr("controller.console.devices.set_up_picture.Work", fails)
    assert "it took too long" in said()
    assert console.events(EventType.CAMERA_PICTURE_TAKEN) == []
    assert client.get("/devices/cameras/yard/picture/").status_code == 404


def test_only_the_last_pictures_are_kept() -> None:
    pictures = Pictures()
    tokens = [pictures.keep(Picture("a", 1, JPEG, "cctv", "s", 100), 0) for _ in range(MOST + 1)]
    assert [pictures.find(token, "cctv", "s", 0) is not None for token in tokens] == [False, *[True] * MOST]
    assert pictures.find(tokens[-1], "cctv", "other", 0) is None
    assert pictures.find(tokens[-1], "cctv", "s", 101) is None
