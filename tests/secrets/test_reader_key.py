"""The key of an OSDP reader."""

from __future__ import annotations

import pytest

from controller.secrets import reader_key
from controller.secrets.credentials import Secret, SecretMissing


def test_a_new_key_is_one_and_another_each_time() -> None:
    first, second = reader_key.generate(), reader_key.generate()
    assert len(reader_key.raw(first, "key")) == 16
    assert first.reveal() != second.reveal()


@pytest.mark.parametrize("text", ["", "00" * 15, "00" * 17, "no key"])
def test_anything_else_is_none_and_is_not_shown(text: str) -> None:
    with pytest.raises(SecretMissing, match="reader-front-in-key: it is not 32 hex") as caught:
        reader_key.raw(Secret(text), "reader-front-in-key")
    assert not text or text not in str(caught.value)
