"""Somebody who looks at footage, the key that exports are signed with, and restrictions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from controller.core.restriction import Ground, Restriction
from controller.secrets.minisign_signing import SigningKey
from controller.store.registers import Registers


@pytest.fixture
def signing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SigningKey:
    key = SigningKey.generate()
    folder = tmp_path / "handed-out"
    folder.mkdir()
    (folder / "export-signing-key").write_text(key.secret().reveal())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return key


@pytest.fixture
def looked(console: Any, recorded: Any) -> Callable[..., tuple[Any, str]]:
    """A browser of somebody who looks at the footage, and the address of that."""

    def look(**changes: Any) -> tuple[Any, str]:
        client = console.client("cctv")
        answer = client.post("/footage/", recorded.form(**changes))
        assert answer.status_code == 302, answer.content.decode()
        return client, answer.headers["Location"]

    return look


@pytest.fixture
def restrict(console: Any) -> Callable[[str], None]:
    """Restrict an event, as the register has it."""

    def add(event_id: str) -> None:
        events, now_us = frozenset({event_id}), console.clock.wall_us
        one = Restriction(str(uuid.uuid4()), "REQ-1", Ground.ACCURACY, events, now_us, "desk")
        with closing(Registers.open(console.branch.paths.registers)) as registers:
            registers.add_restriction(one)

    return add
