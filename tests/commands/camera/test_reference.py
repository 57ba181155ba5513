from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from click.testing import Result

from controller.core.event import EventType
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader

Unlocked = Callable[..., Result]


def test_it_is_journalled_for_the_recorder_with_the_account_of_who_asked(
    unlocked: Unlocked, settings: Settings
) -> None:
    result = unlocked("camera", "reference", "entrance")
    assert result.exit_code == 0
    assert "camera.reference_learnt" in result.output
    with closing(JournalReader(Paths.of(settings).journal("console"))) as console:
        event = console.last(EventType.CAMERA_REFERENCE_ASKED, subject="entrance")
    assert event is not None
    assert set(event.data) == {"uid", "user"}


def test_a_camera_that_is_not_there_is_named_with_those_that_are(unlocked: Unlocked) -> None:
    result = unlocked("camera", "reference", "yard")
    assert result.exit_code == 2
    assert "no camera 'yard' in the settings, which have entrance" in result.output
