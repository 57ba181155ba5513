"""Which PINs are found right by what is stored at the branch, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from controller.core.access import PinResult
from controller.core.card import CardNumber
from controller.core.event import Stamp
from controller.core.membership import Membership, Status
from controller.core.pin import Pin
from controller.membership.live.stored_pins import HashedPins
from controller.secrets import pin as pin_secrets
from controller.secrets import site_key
from controller.secrets.pin import PinHasher
from controller.store.members_import import NewPins
from controller.store.members_owner import MembersOwner
from controller.store.pins import StoredPins

AS_OF_US = 1_795_219_200_000_000
HOUR_US = 3_600_000_000
ADULT = Membership(
    Status.ACTIVE, date(2026, 1, 1), date(2026, 1, 1), None, date(2027, 3, 31), "adult", None, False, 0
)
SITE_KEY = site_key.generate()
HASHER = PinHasher(pin_secrets.generate())
WITH_PIN, WITHOUT_PIN, STRANGER = (
    CardNumber("25891000331441"),
    CardNumber("25891000331458"),
    CardNumber("25891000339999"),
)
RIGHT, WRONG = Pin("7391"), Pin("1937")


def member_ref(card: CardNumber) -> bytes:
    return site_key.member_ref(SITE_KEY, card)


@dataclass
class Rig:
    """Two members, one of them with a PIN, and a clock that the test moves."""

    path: Path
    now: Stamp = field(default_factory=lambda: at(1))

    def fill(self, pins: NewPins | None) -> None:
        owner = MembersOwner.open(self.path)
        rows = [(line, member_ref(card), ADULT) for line, card in enumerate((WITH_PIN, WITHOUT_PIN), 2)]
        owner.import_set(rows, as_of_us=AS_OF_US, key_id=site_key.key_id(SITE_KEY), pins=pins)
        owner.close()

    def source(self, hasher: PinHasher = HASHER) -> HashedPins:
        return HashedPins(StoredPins(self.path), hasher, member_ref, lambda: self.now, 72 * HOUR_US)


def at(hour: int, *, trusted: bool = True) -> Stamp:
    return Stamp(AS_OF_US + hour * HOUR_US, 1, "boot-1", trusted)


def hashed() -> NewPins:
    return NewPins(HASHER.key_id, iter([(member_ref(WITH_PIN), HASHER.hash(RIGHT))]))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "membership" / "members.db")


def test_only_the_member_s_own_pin_is_right(rig: Rig) -> None:
    rig.fill(hashed())
    source = rig.source()
    assert source.verify(WITH_PIN, RIGHT) is PinResult.CORRECT
    assert source.verify(WITH_PIN, WRONG) is PinResult.WRONG
    assert source.verify(WITHOUT_PIN, RIGHT) is PinResult.UNAVAILABLE
    assert source.verify(STRANGER, RIGHT) is PinResult.UNAVAILABLE


@pytest.mark.parametrize(
    ("now", "known"),
    [(at(0), True), (at(72), True), (at(73), False), (at(-1), False), (at(1, trusted=False), False)],
    ids=["new", "just in time", "too old", "from the future", "clock not trusted"],
)
def test_a_stored_pin_counts_as_long_as_its_age_is_known_and_small(rig: Rig, now: Stamp, known: bool) -> None:
    rig.fill(hashed())
    rig.now = now
    assert rig.source().verify(WITH_PIN, RIGHT) is (PinResult.CORRECT if known else PinResult.UNAVAILABLE)
    assert rig.source().verify(WITH_PIN, WRONG) is (PinResult.WRONG if known else PinResult.UNAVAILABLE)


def test_before_any_import_and_without_pins_nobody_knows(rig: Rig) -> None:
    assert rig.source().verify(WITH_PIN, RIGHT) is PinResult.UNAVAILABLE
    rig.fill(None)
    assert rig.source().verify(WITH_PIN, RIGHT) is PinResult.UNAVAILABLE


def test_pins_of_another_key_are_not_called_wrong(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig.fill(hashed())
    other = PinHasher(pin_secrets.generate())
    assert rig.source(other).verify(WITH_PIN, RIGHT) is PinResult.UNAVAILABLE
    assert "another pin-key" in caplog.text
    assert "7391" not in caplog.text


def test_a_new_import_replaces_the_pins_and_drops_the_old(rig: Rig) -> None:
    rig.fill(hashed())
    new = HASHER.hash(Pin("4444"))
    rig.fill(NewPins(HASHER.key_id, [(member_ref(WITH_PIN), new)]))
    assert rig.source().verify(WITH_PIN, RIGHT) is PinResult.WRONG
    assert rig.source().verify(WITH_PIN, Pin("4444")) is PinResult.CORRECT
    owner = MembersOwner.open(rig.path)
    while owner.drop_superseded():
        continue
    owner.checkpoint()
    owner.close()
    assert rig.path.read_bytes().count(b"$argon2id$v=") == 1


def test_an_import_whose_pins_fail_changes_nothing(rig: Rig) -> None:
    rig.fill(hashed())

    def failing() -> Iterator[tuple[bytes, str]]:
        yield member_ref(WITH_PIN), HASHER.hash(WRONG)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        rig.fill(NewPins(HASHER.key_id, failing()))
    assert rig.source().verify(WITH_PIN, RIGHT) is PinResult.CORRECT


def test_whoever_is_asked_about_costs_a_hash(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.fill(hashed())
    hashes = []
    matches = PinHasher.matches

    def counted(self: PinHasher, pin: Pin, verifier: str | None) -> bool:
        hashes.append(verifier)
        return matches(self, pin, verifier)

    monkeypatch.setattr(PinHasher, "matches", counted)
    for card in (WITH_PIN, WITHOUT_PIN, STRANGER):
        rig.source().verify(card, WRONG)
    rig.now = at(100)
    rig.source().verify(WITH_PIN, RIGHT)
    assert len(hashes) == 4
