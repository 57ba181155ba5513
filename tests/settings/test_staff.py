"""The tables ``[[staff]]``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from controller.settings.hints import hints
from controller.settings.load import SettingsError, load

MINIMAL = """
[branch]
authority = "example"
branch = "desk"
name = "The desk"
[[doors]]
[[doors.readers]]
port = "/dev/ttyACM0"
[doors.lock]
pin = 17
"""
CAMERA = "[[cameras]]\nid = 'a'\nurl = 'rtsp://host/x'\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "branch.toml"
    file.write_text(MINIMAL + text)
    return file


def staff(account: str, *roles: str, until: str | None = "2027-01-01") -> str:
    trained = f"trained_until = {until}\n" if until else ""
    return f'[[staff]]\naccount = "{account}"\nroles = {list(roles)}\n{trained}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (staff("jo", "supervisor", "cctv") + CAMERA, []),
        (staff("jo", "supervisor", until="2026-11-02"), []),
        (staff("jo", "supervisor", until="2026-11-01"), ["staff[jo].trained_until: that is past"]),
        (staff("jo", "supervisor", until=None), ["staff[jo].trained_until: not set"]),
        (staff("jo", "supervisor") + staff("al", "dpo", until=None), []),
        (staff("al", "dpo", until=None), ["staff: nobody has the role supervisor"]),
        (staff("jo", "supervisor") + CAMERA, ["staff: nobody has the role cctv"]),
    ],
)
def test_who_cannot_do_what_is_hinted_at(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = hints(load(written(tmp_path, text)), date(2026, 11, 2))
    told = [hint for hint in found if hint.startswith("staff")]
    assert len(told) == len(expected)
    assert all(hint.startswith(begin) for hint, begin in zip(told, expected, strict=True))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (staff("jo", "boss"), 'staff[jo].roles[1]: it must be "desk"'),
        (staff("jo"), "staff[jo].roles"),
        (staff("jo", "dpo") * 2, 'two staff have account = "jo"'),
        (staff("jo", "dpo", until="'soon'"), "staff[jo].trained_until: write it without quotes"),
    ],
)
def test_mistakes_are_told_by_their_key(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(written(tmp_path, text))
    assert fault in str(caught.value)
