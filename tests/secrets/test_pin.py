"""Stored PINs: what a hash tells, and that it takes its time whoever is asked about."""

import time

import pytest

from controller.core.pin import Pin
from controller.secrets import pin
from controller.secrets.credentials import Secret, SecretMissing
from controller.secrets.pin import BadVerifier, PinHasher

HASHER = PinHasher(Secret("00112233445566778899aabbccddeeff" * 2))


def test_a_pin_matches_its_hash_and_no_other() -> None:
    verifier = HASHER.hash(Pin("7391"))
    assert HASHER.matches(Pin("7391"), verifier)
    for other in ("7390", "739", "73910", "07391"):
        assert not HASHER.matches(Pin(other), verifier)


def test_a_hash_shows_neither_the_pin_nor_who_has_the_same() -> None:
    one, other = HASHER.hash(Pin("7391")), HASHER.hash(Pin("7391"))
    assert one != other
    assert one.split("$")[-2:] != other.split("$")[-2:]
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_without_the_key_a_hash_tells_nothing() -> None:
    other = PinHasher(pin.generate())
    assert other.key_id != HASHER.key_id
    assert not other.matches(Pin("7391"), HASHER.hash(Pin("7391")))


def test_who_has_no_pin_is_refused_at_the_same_cost() -> None:
    verifier = HASHER.hash(Pin("7391"))

    def cost_s(verifier: str | None) -> float:
        begun = time.process_time()
        assert not HASHER.matches(Pin("0"), verifier)
        return time.process_time() - begun

    known = min(cost_s(verifier) for _ in range(3))
    unknown = min(cost_s(None) for _ in range(3))
    assert unknown > known / 2


@pytest.mark.parametrize("verifier", ["", "x", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 43])
def test_what_was_not_made_here_is_not_compared_with(verifier: str) -> None:
    with pytest.raises(BadVerifier):
        HASHER.matches(Pin("7391"), verifier)


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33])
def test_a_key_that_is_none_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(SecretMissing) as caught:
        PinHasher(Secret(text))
    assert not text or text not in str(caught.value)
