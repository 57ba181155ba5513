"""The settings of modes in the recorder's terms, with the branch's hours where they matter.

In doubt it is recorded: where bank holidays are kept and cannot be known, the hours are not known.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from controller.core import hours
from controller.recorder.capture.mode import Mode, ModeRules
from controller.settings.bank_holidays import BankHolidaysUnknown, Question
from controller.settings.model import Settings
from controller.settings.recording import CameraSettings
from controller.settings.rules import hours_of

_US_PER_S = 1_000_000

log = logging.getLogger(__name__)


def mode_rules(settings: Settings) -> dict[str, ModeRules]:
    """By camera id. Asks for the bank holidays if a camera goes by hours, which takes a while."""
    wanted = any(_by_hours(camera) for camera in settings.cameras)
    branch_hours = _hours(settings) if wanted else None
    zone = ZoneInfo(settings.branch.timezone)
    return {
        camera.id: ModeRules(
            usual=Mode(camera.mode),
            by_hours=_by_hours(camera),
            hours_at=None if branch_hours is None else _asked_of(branch_hours, zone),
            pre_roll_us=camera.pre_roll_s * _US_PER_S,
            post_roll_us=camera.post_roll_s * _US_PER_S,
            watched=camera.motion,
        )
        for camera in settings.cameras
    }


def _asked_of(branch_hours: hours.Hours, zone: ZoneInfo) -> Callable[[int], hours.Mode]:
    schedule = hours.Schedule(branch_hours, zone)  # one for each camera's thread: it remembers the day
    return lambda wall_us: schedule.at(wall_us).mode


def _by_hours(camera: CameraSettings) -> dict[hours.Mode, Mode]:
    by_hours = camera.by_hours
    named = {
        hours.Mode.STAFFED: by_hours.staffed,
        hours.Mode.UNSTAFFED: by_hours.unstaffed,
        hours.Mode.CLOSED: by_hours.closed,
    }
    return {at: Mode(mode) for at, mode in named.items() if mode is not None}


def _hours(settings: Settings) -> hours.Hours | None:
    nation = settings.hours.bank_holidays.nation
    if nation is None:
        return hours_of(settings.hours)
    question = Question(nation)
    try:
        return hours_of(settings.hours, question.answer())
    except BankHolidaysUnknown as error:
        log.error(
            "the bank holidays of %s cannot be known, so cameras with by_hours are recorded as in the "
            "fullest of their modes: %s",
            nation,
            error,
        )
        return None
    finally:
        question.close()
