"""The key of the cookies: made once, for the console alone."""

from __future__ import annotations

from pathlib import Path

from controller.console.web.secret_key import LENGTH, secret_key


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "cookie-key"
    made = secret_key(file)
    assert len(made) >= LENGTH
    assert file.stat().st_mode & 0o777 == 0o600
    assert secret_key(file) == made
    assert [one.name for one in tmp_path.iterdir()] == ["cookie-key"]


def test_one_that_was_cut_short_or_removed_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "cookie-key"
    made = secret_key(file)
    file.write_text(made[:10])
    another = secret_key(file)
    assert another != made
    file.unlink()
    assert secret_key(file) not in (made, another)
