"""A branch beside its library management system: live answers at the door, and what is left without them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from controller.core.event import Event
from simulator.branch import Branch, Plan
from simulator.card_formats import TYPES, with_keypad
from simulator.lms.patrons import PIN, PRIVATE
from simulator.lms.sip2_server import Sip2Server
from simulator.lms.system import Lms, System, be
from simulator.waiting import wait_until

pytestmark = pytest.mark.system

MakeBranch = Callable[[Plan], Branch]
READER = with_keypad(TYPES["wiegand-34-decimal"], "8-bit")
NEWCOMER, OTHER_NEWCOMER, MEMBER, LEFT, STRANGER = (
    "newcomer 1",
    "newcomer 2",
    "member 1",
    "member 2",
    "stranger",
)
QUICK = "timeout_s = 1.0"
SOON = "[membership]\nlive_max_age_h = 24\nrefresh_after_h = 0\nnegative_s = 0\n"


def swiped(branch: Branch, who: str, type: str, **data: object) -> Event:
    after = branch.last_seq("door")
    branch.swipe(who)
    return branch.wait_for(type, after=after, **data)


def lms_of(branch: Branch) -> System:
    assert branch.lms is not None
    return branch.lms


def started(branch: Branch) -> Branch:
    """With a reader at which the same card may be held again at once."""
    config = branch.layout.config
    config.write_text(config.read_text().replace("repeat_s = 0.5", "repeat_s = 0"))
    branch.start()
    return branch


@pytest.mark.parametrize("over", ["sip2", "koha"])
def test_the_system_says_who_is_a_member_now(make_branch: MakeBranch, over: Literal["sip2", "koha"]) -> None:
    system = Lms(over=over, dialect="evergreen", tls=True, settings=QUICK)
    branch = started(make_branch(Plan(broker=None, lms=system, rules=SOON)))
    lms = lms_of(branch)
    granted = swiped(branch, NEWCOMER, "access.granted", checked="live")
    branch.wait_for("door.unlocked", after=granted.seq, grant=granted.id)
    swiped(branch, STRANGER, "access.refused", reason="unknown_card", checked="live")

    be(lms, "down")
    swiped(branch, OTHER_NEWCOMER, "access.refused", reason="not_checked", checked="offline")
    for who in (MEMBER, NEWCOMER):
        assert "checked" not in swiped(branch, who, "access.granted").data
    branch.wait_for("lms.lost", service="membership", reason="unreachable")

    be(lms, "up")
    branch.wait_for("lms.found", service="membership", limit_s=30)
    swiped(branch, OTHER_NEWCOMER, "access.granted", checked="live")

    lms.patrons.remove(branch.reader.card(LEFT))
    swiped(branch, LEFT, "access.granted")  # by the copy; the system is asked afterwards
    wait_until(lambda: branch.reader.card(LEFT) in lms.cards(), 30)
    swiped(branch, LEFT, "access.refused", reason="unknown_card")

    written = [file for file in branch.layout.folder.rglob("*") if file.is_file()]
    ours = [file for file in written if branch.layout.lms not in file.parents]
    assert branch.paths.members in ours
    assert not any(PRIVATE.encode() in file.read_bytes() for file in ours)


def test_a_pin_is_the_system_s_to_verify_and_the_branch_s_when_it_is_away(make_branch: MakeBranch) -> None:
    rules = f'{SOON}[pin]\nrequire = "always"\noffline = true\n'
    system = Lms(dialect="sierra", settings=QUICK)
    branch = started(make_branch(Plan(readers=((READER,),), broker=None, lms=system, rules=rules)))

    def typed(who: str, keys: str, type: str, **data: object) -> None:
        after = branch.last_seq("door")
        branch.swipe(who)
        branch.reader.press(keys + "#")
        branch.wait_for(type, after=after, **data)

    typed(MEMBER, "0000", "access.refused", reason="pin_wrong")
    typed(MEMBER, PIN, "access.granted", pin=True)
    lms = lms_of(branch)
    assert isinstance(lms, Sip2Server)
    be(lms, "silent")
    typed(MEMBER, PIN, "access.granted", pin=True)
    typed(MEMBER, "0000", "access.refused", reason="pin_wrong")
    typed(LEFT, PIN, "access.refused", reason="pin_unavailable")  # it was never found right
