from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from controller.secrets import identity
from controller.secrets.credentials import Secret, SecretMissing
from controller.secrets.identity import BoxNotOpened, PrivateKeyUnusable, Sealer

PRIVATE = X25519PrivateKey.from_private_bytes(bytes(range(32)))
INFO = b"01a1fb67-1800-7e0d-9882-42c96d20b8fa|7|card"
PASSPHRASE = Secret("correct horse battery staple")


@pytest.fixture
def sealer() -> Sealer:
    return Sealer.of(Secret(identity.public_key_text(PRIVATE.public_key())))


def test_a_box_opens_with_the_private_key_in_its_place(sealer: Sealer) -> None:
    box = sealer.seal(b"25891000331441", INFO)
    assert identity.open_box(PRIVATE, box, INFO) == b"25891000331441"
    assert sealer.seal(b"25891000331441", INFO) != box, "equal cards must not be seen to be equal"


def test_a_box_opens_nowhere_else(sealer: Sealer) -> None:
    box = sealer.seal(b"25891000331441", INFO)
    for key, content, info in (
        (X25519PrivateKey.generate(), box, INFO),
        (PRIVATE, box, INFO.replace(b"|7|", b"|8|")),
        (PRIVATE, box[:-1] + bytes([box[-1] ^ 1]), INFO),
        (PRIVATE, b"", INFO),
    ):
        with pytest.raises(BoxNotOpened):
            identity.open_box(key, content, info)


def test_the_key_id_is_that_of_the_public_key(sealer: Sealer) -> None:
    assert sealer.key_id == identity.key_id(PRIVATE.public_key())
    assert len(sealer.key_id) == 8


@pytest.mark.parametrize("text", ["", "0011", "zz" * 32])
def test_a_public_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SecretMissing, match="authority-public-key"):
        Sealer.of(Secret(text))


def test_the_key_file_opens_with_its_passphrase_only() -> None:
    content = identity.key_file(PRIVATE, PASSPHRASE)
    assert b"ENCRYPTED" in content
    opened = identity.open_key_file(content, PASSPHRASE)
    assert opened.private_bytes_raw() == PRIVATE.private_bytes_raw()
    for wrong in (content, b"no key", content[: len(content) // 2]):
        with pytest.raises(PrivateKeyUnusable):
            identity.open_key_file(wrong, Secret("another"))


def test_a_key_of_another_kind_is_refused() -> None:
    other = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(PrivateKeyUnusable):
        identity.open_key_file(other, PASSPHRASE)


def test_the_recovery_sheet_gives_the_key_back() -> None:
    sheet = identity.recovery_sheet(PRIVATE, "worcestershire")
    assert identity.from_recovery_sheet(sheet).private_bytes_raw() == PRIVATE.private_bytes_raw()
    assert identity.key_id(PRIVATE.public_key()) in sheet


def test_a_mistyped_sheet_names_the_line() -> None:
    sheet = identity.recovery_sheet(PRIVATE, "worcestershire")
    with pytest.raises(PrivateKeyUnusable, match="line 3"):
        identity.from_recovery_sheet(sheet.replace("0809 0a0b", "0809 0a0c"))
    with pytest.raises(PrivateKeyUnusable, match="line 2"):
        identity.from_recovery_sheet("\n".join(x for x in sheet.splitlines() if not x.startswith("2")))
    with pytest.raises(PrivateKeyUnusable, match="8 numbered lines"):
        identity.from_recovery_sheet("\n".join(x for x in sheet.splitlines() if not x.startswith("8")))
