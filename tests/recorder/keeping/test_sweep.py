"""A sweep step by step: what it looks at, and where it stops."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.event import EventType
from controller.core.hold import DAY_US
from controller.recorder.keeping import sweep as sweeping
from controller.recorder.keeping.sweep import Sweep, Swept

HOUR_US = 3_600_000_000


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    monkeypatch.setattr(sweeping, "PAGE", 3)
    monkeypatch.setattr(sweeping, "PAGES", 2)


def steps(branch: Any, limit: int = 1000) -> list[tuple[int, Swept | None]]:
    """How many files were left after each step, and what it answered."""
    sweep, taken = Sweep(branch.disposal, limit), []
    while not taken or taken[-1][1] is None:
        answer = sweep.step(branch.now)
        taken.append((len(branch.files()), answer))
    return taken


def test_a_step_destroys_one_batch_at_most(branch: Any) -> None:
    for n in range(5):
        branch.plant(20 * DAY_US + n * HOUR_US)
    assert steps(branch) == [(5, None), (3, None), (1, None), (0, Swept(5, 0, 0))]


def test_a_sweep_ends_at_its_limit_and_the_next_takes_the_rest(branch: Any) -> None:
    planted = [branch.plant(20 * DAY_US - n * HOUR_US) for n in range(7)]
    assert steps(branch, 3)[-1] == (4, Swept(3, 0, 0, limited=True))
    assert branch.files() == {segment.name for segment in planted[3:]}  # the oldest went
    assert steps(branch, 3)[-1] == (1, Swept(3, 0, 0, limited=True))
    assert steps(branch, 3)[-1] == (0, Swept(1, 0, 0))
    assert not branch.events(EventType.RETENTION_OVERDUE)


def test_what_is_held_is_looked_at_once_in_a_sweep_however_much_it_is(branch: Any, mocker: Any) -> None:
    held = [branch.plant(25 * DAY_US - n * HOUR_US) for n in range(10)]
    due = [branch.plant(20 * DAY_US - n * HOUR_US) for n in range(3)]
    branch.holds = [branch.hold(held[0], end_us=held[-1].end_us)]
    pages = mocker.spy(type(branch.footage), "ended_before")
    assert steps(branch)[-1] == (10, Swept(3, 10, 0))
    assert branch.files() == {segment.name for segment in held}
    looked_at = [one.id for page in pages.spy_return_list for one in page]
    assert len(looked_at) <= len(held) + len(due) + 3  # a page again where a batch was full


def test_a_hold_between_two_batches_protects_what_is_left(branch: Any) -> None:
    planted = [branch.plant(20 * DAY_US - n * HOUR_US) for n in range(4)]
    sweep = Sweep(branch.disposal, 1000)
    sweep.step(branch.now)
    sweep.step(branch.now)
    branch.holds = [branch.hold(planted[0], end_us=branch.now.wall_us)]
    while sweep.step(branch.now) is None:
        pass
    assert branch.files() == {segment.name for segment in planted[2:]}


def test_segments_that_end_in_the_same_moment_are_all_seen(branch: Any) -> None:
    for camera in ("entrance", "yard", "counter", "lift", "stairs", "car-park", "alley"):
        branch.plant(20 * DAY_US, camera=camera)
    assert steps(branch)[-1] == (0, Swept(7, 0, 0))
