"""Cards that the branch does not know, from the reader to a simulated library management system and back."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulator.branch import Branch, Plan
from simulator.lms.patrons import PRIVATE
from simulator.lms.sip2_server import EVERYTHING
from simulator.lms.system import Lms, System, be
from simulator.members import card_number
from simulator.waiting import wait_until

pytestmark = pytest.mark.system

MakeBranch = Callable[[Plan], Branch]
LOOK_UP_S = 0.5
"""How long the door waits for an answer."""
MARGIN_S = 6.0
"""What a busy machine may take besides."""
SETTLED_S = 15.0
"""The door asks to refresh for 10 s at most."""
STRANGERS = 8
SETTINGS = f"""
[membership]
live_lookup_ms = {LOOK_UP_S * 1000:.0f}
refresh_after_h = 0
[lockout]
reader_failures = 0
"""


@pytest.fixture
def branch(make_branch: MakeBranch) -> Branch:
    made = make_branch(Plan(broker=None, lms=Lms(settings="timeout_s = 2"), rules=SETTINGS))
    config = made.layout.config
    config.write_text(config.read_text().replace("repeat_s = 0.5", "repeat_s = 0"))
    made.start()
    return made


def lms(branch: Branch) -> System:
    assert branch.lms is not None
    return branch.lms


def swipe(branch: Branch, who: str) -> int:
    """Hold a card to the reader; the number of the last event before that."""
    after = branch.last_seq("door")
    branch.swipe(who)
    return after


def refused(branch: Branch, who: str, reason: str, checked: str) -> float:
    """Hold a card to the reader and wait until it is refused so; how long that took, in seconds."""
    swiped_s = time.clock_gettime(time.CLOCK_BOOTTIME)
    event = branch.wait_for("access.refused", after=swipe(branch, who), reason=reason, checked=checked)
    return event.stamp.mono_us / 1e6 - swiped_s


def test_who_joined_today_comes_in_and_is_known_from_then_on(branch: Branch) -> None:
    granted = branch.wait_for("access.granted", after=swipe(branch, "newcomer 1"), checked="live")
    branch.wait_for("door.unlocked", grant=granted.id)
    refused(branch, "stranger", "unknown_card", "live")

    # What comes too late opens nothing, and is known the next time.
    lms(branch).behave(delay_s=3 * LOOK_UP_S)
    took_s = refused(branch, "newcomer 2", "not_checked", "offline")
    assert LOOK_UP_S <= took_s < LOOK_UP_S + MARGIN_S
    card = branch.reader.card("newcomer 2")
    wait_until(
        lambda: '"opens": true' in branch.unlocked("explain", "--json", input=card),
        SETTLED_S,
        "the late answer in the branch's own copy",
    )
    assert [event.type for event in branch.events()].count("access.granted") == 1

    be(lms(branch), "down")
    for who in ("newcomer 1", "newcomer 2", "member 1"):
        assert "checked" not in branch.wait_for("access.granted", after=swipe(branch, who)).data

    branch.stop()
    cards = [branch.reader.card(who) for who in ("newcomer 1", "newcomer 2", "stranger")]
    secret = re.compile("|".join([*cards, PRIVATE]).encode())
    files = [*branch.layout.state.rglob("*"), branch.layout.folder / "services.log"]
    assert len([file for file in files if file.is_file()]) > 5, "nothing was searched"
    for file in files:
        assert not file.is_file() or not secret.search(file.read_bytes()), file


# --- what is left behind --------------------------------------------------------------------------

HOLDS = ("door", "membership")
Held = dict[str, tuple[int, int]]
"""Threads and open files of each process."""


def held(branch: Branch) -> Held:
    """Threads, and open files other than those of databases, which a service opens once it needs them."""
    found = {}
    for service in HOLDS:
        process = Path(f"/proc/{branch.pid(service)}")
        opened = [os.path.realpath(file) for file in (process / "fd").iterdir()]
        files = [name for name in opened if not name.startswith(str(branch.paths.state))]
        found[service] = (len(list((process / "task").iterdir())), len(files))
    return found


@contextmanager
def frozen(branch: Branch) -> Iterator[None]:
    """The membership service neither runs nor ends."""
    pid = branch.pid("membership")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody but root may look at a service's open files")
def test_dozens_of_strangers_leave_no_thread_and_no_file_open(branch: Branch) -> None:
    system = lms(branch)
    refused(branch, card_number(9_000), "unknown_card", "live")
    branch.wait_for("access.granted", after=swipe(branch, "member 1"))
    wait_until(lambda: len(system.cards()) == 2, SETTLED_S, "the first refresh")
    before = held(branch)

    def come(first: int, reason: str, checked: str) -> None:
        """So many strangers, and now and then a member, who is not kept waiting."""
        for number in range(first, first + STRANGERS):
            took_s = refused(branch, card_number(9_000 + number), reason, checked)
            assert took_s < LOOK_UP_S + MARGIN_S
            if number % 4 == 0:
                granted = branch.wait_for("access.granted", after=swipe(branch, f"member {1 + number % 3}"))
                assert "checked" not in granted.data

    come(100, "unknown_card", "live")
    system.behave(delay_s=2 * LOOK_UP_S)
    come(200, "not_checked", "offline")
    with frozen(branch):
        come(300, "not_checked", "offline")
    system.behave(silent=True, on=EVERYTHING)
    come(400, "not_checked", "offline")
    wait_until(lambda: no_more(held(branch), before), SETTLED_S, f"so few threads and files: {before}")


def no_more(now: Held, before: Held) -> bool:
    return all(count <= most for name in HOLDS for count, most in zip(now[name], before[name], strict=True))
