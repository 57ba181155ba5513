"""A branch that asks for PINs: a keypad at the end of a wire, real services, and a service that freezes."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from controller.core.card import CardNumber
from controller.core.event import Event
from controller.core.framing.framer import KEYS
from controller.core.membership import Listed, Listing
from controller.secrets import credentials, site_key
from controller.store.members_owner import MembersOwner
from simulator.branch import Branch, Plan

pytestmark = pytest.mark.system

MakeBranch = Callable[[Plan], Branch]
MEMBER, OTHER, ALLOWED = "1234567890", "2345678901", "3456789012"
"""As memberships write them; the reader sends their 32 bits in hex."""
PIN, WRONG = "73918264", "55501234"
DEADLINE_S, TIMEOUT_S = 1.0, 5
FAILURES = 3
SETTINGS = f"""
[cards]
min_length = 10
max_length = 10
[pin]
require = "always"
offline = true
timeout_s = {TIMEOUT_S}
deadline_ms = {DEADLINE_S * 1000:.0f}
[lockout]
card_failures = {FAILURES}
"""
MEMBERS = f"""\
card_number,status,induction,granted_from,expires,pin
{MEMBER},active,2026-01-12,2026-01-12,2099-12-31,{PIN}
{OTHER},active,2026-01-12,2026-01-12,2099-12-31,{PIN}
"""


class Door:
    """The branch as somebody at its door has to do with it."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch

    def swipe(self, card: str) -> int:
        """Hold a card to the reader; the number of the last event before that."""
        before = self.branch.last_seq("door")
        self.branch.wire.send(f"{int(card):08X}\r\n".encode())
        return before

    def type(self, keys: str) -> None:
        for key in keys:
            code = KEYS.index(key)
            self.branch.wire.send(f"{(~code & 15) << 4 | code:02X}\r\n".encode())

    def refused(self, after: int, reason: str) -> Event:
        return self.branch.wait_for("access.refused", after=after, reason=reason)

    def wrong(self, card: str) -> None:
        after = self.swipe(card)
        self.type(WRONG + "#")
        self.refused(after, "pin_wrong")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The membership service neither runs nor ends."""
        pid = self.branch.pid("membership")
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture
def door(make_branch: MakeBranch) -> Door:
    branch = make_branch(Plan(broker=None))
    config = branch.layout.config
    text = config.read_text()
    text = text.replace(
        "repeat_s = 0.5", 'repeat_s = 0\nformat = "wiegand-34"\nwiegand_text = "hex"\nkeypad = "8-bit"'
    )
    config.write_text(text + SETTINGS)
    members = branch.layout.folder / "members.csv"
    members.write_text(MEMBERS)
    branch.unlocked("members", "import", str(members))
    members.unlink()
    allow(branch, ALLOWED)
    branch.start()
    return Door(branch)


def allow(branch: Branch, card: str) -> None:
    key = credentials.read(credentials.SITE_KEY, branch.layout.secrets)
    owner = MembersOwner.open(branch.paths.members)
    member_ref = site_key.member_ref(key, CardNumber(card))
    owner.put_on_list(member_ref, Listed(Listing.ALLOWED, date(2099, 12, 31)), date(2026, 1, 1))
    owner.close()


def test_the_right_pin_opens_the_door_and_is_kept_nowhere(door: Door) -> None:
    after = door.swipe(MEMBER)
    door.type("1*" + PIN + "#")
    granted = door.branch.wait_for("access.granted", after=after, pin=True)
    door.branch.wait_for("door.unlocked", after=granted.seq, grant=granted.id)

    after = door.swipe(OTHER)
    door.type("#")
    door.refused(after, "pin_missing")

    after = door.swipe(OTHER)
    door.type(PIN)
    asked = time.monotonic()
    door.refused(after, "pin_missing")
    assert time.monotonic() - asked < TIMEOUT_S + 1

    after = door.swipe(OTHER)
    door.type(WRONG + "#")
    door.refused(after, "pin_wrong")
    door.type(PIN + "#")  # without a card
    assert [event.type for event in door.branch.events(after=after)] == ["access.refused"]

    door.branch.stop()
    secret = re.compile(
        "|".join([PIN, WRONG, *(f"{card}|{int(card):08X}" for card in (MEMBER, OTHER))]).encode()
    )
    looked_at = 0
    for folder in (door.branch.layout.folder, door.branch.layout.run):
        for file in folder.rglob("*"):
            if file.is_file():
                assert not secret.search(file.read_bytes()), file
                looked_at += 1
    assert looked_at > 5, "nothing was searched"
    assert any("services.log" in file.name for file in door.branch.layout.folder.iterdir())
    assert not secret.search("\n".join(door.branch.log).encode())


def test_wrong_pins_lock_the_card_out_and_then_the_right_one_opens_nothing(door: Door) -> None:
    for _ in range(FAILURES):
        door.wrong(MEMBER)
    door.branch.wait_for("lockout.started", of="card")
    after = door.swipe(MEMBER)
    door.refused(after, "locked_out")
    door.type(PIN + "#")
    after = door.swipe(OTHER)
    door.type(PIN + "#")
    door.branch.wait_for("access.granted", after=after, pin=True)
    assert [event.type for event in door.branch.events()].count("access.granted") == 1


def test_a_frozen_membership_service_holds_up_nobody(door: Door) -> None:
    with door.frozen():
        after = door.swipe(MEMBER)
        door.type(PIN + "#")
        asked = time.monotonic()
        # Meanwhile somebody comes who needs no PIN, and somebody who is refused without one.
        others = door.swipe(ALLOWED)
        granted = door.branch.wait_for("access.granted", after=others, limit_s=DEADLINE_S)
        assert "pin" not in granted.data
        door.branch.wait_for("door.unlocked", after=others, limit_s=DEADLINE_S)
        refused = door.refused(after, "pin_unavailable")
        assert time.monotonic() - asked < DEADLINE_S + 1
        assert refused.seq > granted.seq
    # The service goes on, and its late answer has opened nothing.
    after = door.swipe(OTHER)
    door.type(PIN + "#")
    door.branch.wait_for("access.granted", after=after, pin=True)
    assert [event.type for event in door.branch.events()].count("access.granted") == 2
