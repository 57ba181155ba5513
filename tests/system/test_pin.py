"""A branch that asks for PINs: a keypad at the end of a wire, real services, and a service that freezes."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from controller.core.card import CardNumber
from controller.core.event import Event
from controller.core.membership import Listed, Listing
from controller.secrets import credentials, site_key
from controller.store.members_owner import MembersOwner
from simulator.branch import Branch, Plan
from simulator.card_formats import TYPES, with_keypad
from simulator.door import Reader
from simulator.patience import Patience

pytestmark = [pytest.mark.system, pytest.mark.prompt]

MakeBranch = Callable[[Plan], Branch]
READER = with_keypad(TYPES["wiegand-34-decimal"], "8-bit")
MEMBER, OTHER, FORGETFUL, ALLOWED = "member 1", "member 2", "member 3", "stranger"
PIN, WRONG = "73918264", "55501234"
DEADLINE_S, TIMEOUT_S = 3.0, 5
FAILURES = 3
SETTINGS = f"""
[pin]
require = "always"
offline = true
timeout_s = {TIMEOUT_S}
deadline_ms = {DEADLINE_S * 1000:.0f}
[lockout]
card_failures = {FAILURES}
"""
HEADER = "card_number,status,induction,granted_from,expires,pin"


class Door:
    """The branch as somebody at its door has to do with it."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch

    def swipe(self, who: str) -> int:
        """Hold a card to the reader; the number of the last event before that."""
        before = self.branch.last_seq("door")
        self.branch.swipe(who)
        return before

    def type(self, keys: str) -> None:
        self.branch.reader.press(keys)

    def refused(self, after: int, reason: str) -> Event:
        return self.branch.wait_for("access.refused", after=after, reason=reason)

    def wrong(self, who: str) -> None:
        after = self.swipe(who)
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


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    plan = Plan(readers=((READER,),), broker=None)
    with tempfile.TemporaryDirectory(prefix="unlocked-test-") as folder, Branch(Path(folder), plan) as branch:
        config = branch.layout.config
        config.write_text(config.read_text().replace("repeat_s = 0.5", "repeat_s = 0") + SETTINGS)
        members = branch.layout.folder / "members.csv"
        dates = "active,2026-01-12,2026-01-12,2099-12-31"
        rows = [f"{branch.reader.card(who)},{dates},{PIN}" for who in (MEMBER, OTHER, FORGETFUL)]
        members.write_text("\n".join([HEADER, *rows, ""]))
        branch.unlocked("members", "import", "--shrink", str(members))
        members.unlink()
        allow(branch, branch.reader.card(ALLOWED))
        branch.start()
        yield Door(branch)


def allow(branch: Branch, card: str) -> None:
    """Put a card on the branch's list of those that need neither membership nor PIN."""
    key = credentials.read(credentials.SITE_KEY, branch.layout.secrets)
    owner = MembersOwner.open(branch.paths.members)
    member_ref = site_key.member_ref(key, CardNumber(card))
    owner.put_on_list(member_ref, Listed(Listing.ALLOWED, date(2099, 12, 31)), date(2026, 1, 1))
    owner.close()


def test_wrong_pins_lock_the_card_out_and_then_the_right_one_opens_nothing(door: Door) -> None:
    before = door.branch.last_seq("door")
    for _ in range(FAILURES):
        door.wrong(FORGETFUL)
    door.branch.wait_for("lockout.started", after=before, of="card")
    after = door.swipe(FORGETFUL)
    door.refused(after, "locked_out")
    door.type(PIN + "#")
    after = door.swipe(OTHER)
    door.type(PIN + "#")
    door.branch.wait_for("access.granted", after=after, pin=True)
    assert [event.type for event in door.branch.events(after=before)].count("access.granted") == 1


def test_a_frozen_membership_service_holds_up_nobody(door: Door) -> None:
    before = door.branch.last_seq("door")
    with door.frozen():
        after = door.swipe(MEMBER)
        door.type(PIN + "#")
        # Meanwhile somebody comes who needs no PIN, and somebody who is refused without one.
        others = door.swipe(ALLOWED)
        granted = door.branch.wait_for("access.granted", after=others)
        assert "pin" not in granted.data
        unlocked = door.branch.wait_for("door.unlocked", after=others)
        refused = door.refused(after, "pin_unavailable")
        assert refused.seq > unlocked.seq > granted.seq
    # The service goes on, and its late answer has opened nothing. Nor does its end do any lasting harm.
    door.branch.kill("membership")
    after = door.swipe(OTHER)
    door.type(PIN + "#")
    door.branch.wait_for("access.granted", after=after, pin=True)
    assert [event.type for event in door.branch.events(after=before)].count("access.granted") == 2


# The last at this branch: it stops the services, to look at all that they and the tests before it have left.
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
    # Long before the 20 s that it would have unless it is set.
    door.branch.wait_for("access.refused", after=after, limit_s=15, reason="pin_missing")

    after = door.swipe(OTHER)
    door.type(WRONG + "#")
    door.refused(after, "pin_wrong")
    door.type(PIN + "#")  # without a card
    assert [event.type for event in door.branch.events(after=after)] == ["access.refused"]

    door.branch.stop()
    cards = [door.branch.reader.card(who) for who in (MEMBER, OTHER, FORGETFUL)]
    secret = re.compile(
        "|".join([PIN, WRONG, *cards, *(f"{int(card):08x}" for card in cards)]).encode(), re.I
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


def test_a_pin_is_typed_on_the_keypad_of_every_sort(make_branch: MakeBranch) -> None:
    names = ("wiegand-26-hex-4-bit", "wiegand-26-decimal-8-bit", "osdp-34", "osdp-text")
    readers = tuple(TYPES[name] for name in names)
    patient = SETTINGS.replace(f"timeout_s = {TIMEOUT_S}", "timeout_s = 60")
    branch = make_branch(Plan(readers=(readers,), broker=None, pulse_s=0.5, repeat_s=0, rules=patient))
    members = branch.layout.folder / "members.csv"
    cards = sorted({reader.card(MEMBER) for reader in branch.front.readers})
    rows = [f"{card},active,2026-01-12,2026-01-12,2099-12-31,{PIN}" for card in cards]
    members.write_text("\n".join([HEADER, *rows, ""]))
    branch.unlocked("members", "import", "--shrink", str(members))
    branch.start()
    for reader in branch.front.readers:

        def swipe_and_type(reader: Reader = reader) -> None:
            reader.swipe(MEMBER)
            reader.press(PIN + "#")

        granted = Patience(branch, branch.front, reader).expect(
            swipe_and_type, "access.granted", reader=reader.id, pin=True
        )
        branch.wait_for("door.unused", after=granted.seq)
