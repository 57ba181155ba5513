"""The sound player, with a stand-in for aplay that writes down what it was given."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.sound_player import SoundPlayer
from simulator.waiting import wait_until


@pytest.fixture
def aplay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a shell script of that name first in PATH; returns the file it writes its arguments to."""

    def make(script: str = "") -> Path:
        given = tmp_path / "given"
        program = tmp_path / "bin" / "aplay"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "$@" >> "{given}"\n{script}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        return given

    return make


def ended(player: SoundPlayer) -> bool:
    return player._thread is not None and not player._thread.is_alive()


def test_the_file_is_played_and_nobody_waits(aplay: Callable[[str], Path], tmp_path: Path) -> None:
    done = tmp_path / "done"
    given = aplay(f'until [ -e "{done}" ]; do sleep 0.01; done')
    player = SoundPlayer(Path("/etc/unlocked/closing.wav"))
    player.play()
    wait_until(given.exists, 10, "aplay to be started")
    assert not ended(player)
    done.touch()
    wait_until(lambda: ended(player), 10, "the end of the sound")
    assert given.read_text() == "-q -- /etc/unlocked/closing.wav\n"
    assert player.failure is None
    player.close()


def test_while_it_is_heard_it_is_not_begun_again_and_afterwards_it_is(
    aplay: Callable[[str], Path], tmp_path: Path
) -> None:
    done = tmp_path / "done"
    given = aplay(f'until [ -e "{done}" ]; do sleep 0.01; done')
    player = SoundPlayer(Path("a.wav"))
    player.play()
    player.play()
    done.touch()
    wait_until(lambda: ended(player), 10, "the end of the sound")
    player.play()
    wait_until(lambda: ended(player), 10, "the end of the sound")
    assert len(given.read_text().splitlines()) == 2


def test_what_aplay_complains_of_is_the_failure_until_it_was_heard(aplay: Callable[[str], Path]) -> None:
    aplay('echo "x" >&2; echo "a.wav: No such file or directory" >&2; exit 1')
    player = SoundPlayer(Path("a.wav"))
    player.play()
    wait_until(lambda: ended(player), 10, "the end of aplay")
    assert player.failure == "a.wav: No such file or directory"
    aplay()
    player.play()
    wait_until(lambda: ended(player), 10, "the end of aplay")
    assert player.failure is None


def test_an_aplay_that_says_nothing_still_fails(aplay: Callable[[str], Path]) -> None:
    aplay("exit 3")
    player = SoundPlayer(Path("a.wav"))
    player.play()
    wait_until(lambda: ended(player), 10, "the end of aplay")
    assert player.failure == "aplay ended with 3"


def test_without_aplay_the_failure_names_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    player = SoundPlayer(Path("a.wav"))
    player.play()
    wait_until(lambda: ended(player), 10, "the end of the try")
    assert player.failure == "aplay cannot be started: No such file or directory; install alsa-utils"


def test_a_sound_without_an_end_is_ended(aplay: Callable[[str], Path]) -> None:
    aplay("exec sleep 60")
    player = SoundPlayer(Path("a.wav"), limit_s=0.2)
    player.play()
    wait_until(lambda: ended(player), 10, "the end of the sound")
    assert player.failure == "aplay was still playing after 0.2 s"


def test_closing_ends_the_sound_at_once_and_is_no_failure(aplay: Callable[[str], Path]) -> None:
    given = aplay("exec sleep 60")
    player = SoundPlayer(Path("a.wav"))
    player.play()
    wait_until(given.exists, 10, "aplay to be started")
    player.close()
    assert ended(player)
    assert player.failure is None
    player.play()
    wait_until(lambda: ended(player), 10, "the end of the try")
    assert len(given.read_text().splitlines()) == 1


def test_a_machine_without_threads_is_a_failure_and_not_the_end_of_the_door(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_more(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    player = SoundPlayer(Path("a.wav"))
    monkeypatch.setattr(threading.Thread, "start", no_more)
    player.play()
    assert player.failure == "aplay cannot be started: can't start new thread"
    player.close()
