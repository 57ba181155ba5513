from __future__ import annotations

import hashlib
import hmac

import pytest

from controller.core.card import CardNumber
from controller.secrets import site_key
from controller.secrets.credentials import Secret, SecretMissing

KEY = Secret("00112233445566778899aabbccddeeff" * 2)
CARD = CardNumber("25891000331441")


def test_the_reference_is_a_keyed_hash_of_the_card() -> None:
    expected = hmac.new(bytes.fromhex(KEY.reveal()), b"25891000331441", hashlib.sha256).digest()
    assert site_key.member_ref(KEY, CARD) == expected
    assert site_key.member_ref(site_key.generate(), CARD) != expected


def test_keys_differ_and_have_an_id() -> None:
    one, other = site_key.generate(), site_key.generate()
    assert len({site_key.key_id(key) for key in (one, other, KEY)}) == 3
    assert site_key.key_id(KEY) == hashlib.sha256(bytes.fromhex(KEY.reveal())).hexdigest()[:8]


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33])
def test_a_key_that_is_none_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(SecretMissing) as caught:
        site_key.member_ref(Secret(text), CARD)
    assert not text or text not in str(caught.value)
