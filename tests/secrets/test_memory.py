"""That a process keeps its memory to itself, seen from outside."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import other_users

WAITS = "import sys; print('there', flush=True); sys.stdin.read()"
PRIVATE = "from controller.secrets.memory import keep_private; keep_private(); "
AS_NOBODY = other_users.as_user(other_users.NOBODY, other_users.NOBODY)


def died_of_abort(code: str, folder: Path) -> list[Path]:
    """What is left in the folder of a process that could dump core as far as its limit goes."""

    def may_dump() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    ended = subprocess.run(
        [sys.executable, "-c", f"{code}import os; os.abort()"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        preexec_fn=may_dump,
        check=False,
    )
    assert ended.returncode == -signal.SIGABRT
    return list(folder.iterdir())


def test_a_process_that_dies_leaves_no_core_dump(tmp_path: Path) -> None:
    assert died_of_abort(PRIVATE, tmp_path) == []


@pytest.mark.skipif(bool(other_users.why_not()), reason=other_users.why_not())
@pytest.mark.parametrize(("code", "seen"), [("", True), (PRIVATE, False)])
def test_others_of_the_same_user_cannot_look_into_it(code: str, seen: bool) -> None:
    with subprocess.Popen(
        [*AS_NOBODY, str(other_users.python_for_all()), "-c", f"{code}{WAITS}"],
        env={**other_users.python_environment(), "TOKEN": "s3cret"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        look = [*AS_NOBODY, "cat", f"/proc/{process.pid}/environ"]
        looked = subprocess.run(look, capture_output=True, check=False)
        assert (b"s3cret" in looked.stdout) is seen
        process.stdin.close()
