from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.secrets import minisign
from controller.secrets.minisign import BadKey, BadSignature, PublicKey, Signature, verify

NAME = "members-full-20261122T060000Z.csv"
CONTENT = b"card_number,status\n" * 1000


@dataclass
class Signer:
    """The real program, and a key of its own."""

    folder: Path

    def make(self) -> PublicKey:
        self._run("-G", "-W", "-p", self.folder / "pub", "-s", self.folder / "secret")
        return PublicKey.parse((self.folder / "pub").read_text().splitlines()[1])

    def sign(self, *options: str, name: str = NAME, content: bytes = CONTENT) -> bytes:
        (self.folder / name).write_bytes(content)
        self._run("-S", *options, "-s", self.folder / "secret", "-m", name)
        return (self.folder / f"{name}.minisig").read_bytes()

    def _run(self, *arguments: object) -> None:
        command = ["minisign", *map(str, arguments)]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("minisign"))


@pytest.fixture(scope="module")
def key(signer: Signer) -> PublicKey:
    return signer.make()


FORMATS = pytest.mark.parametrize("format", [(), ("-H",), ("-l",)], ids=["as it comes", "ED", "Ed"])


def checked(signature: bytes, key: PublicKey, content: bytes = CONTENT) -> str | None:
    return verify(io.BytesIO(content), Signature.parse(signature), key)


@FORMATS
def test_what_minisign_signs_is_verified(signer: Signer, key: PublicKey, format: tuple[str, ...]) -> None:
    signature = signer.sign(*format)
    assert Signature.parse(signature).prehashed is (format != ("-l",))
    assert checked(signature, key) == NAME
    assert checked(signature.replace(b"\n", b"\r\n"), key) == NAME


@FORMATS
def test_whatever_is_changed_is_noticed(signer: Signer, key: PublicKey, format: tuple[str, ...]) -> None:
    signature = signer.sign(*format)
    for content in (CONTENT[:-1], CONTENT + b"\n", b"", CONTENT.replace(b"c", b"C", 1)):
        with pytest.raises(BadSignature, match="the file is not the one signed"):
            checked(signature, key, content)
    lines = signature.splitlines(keepends=True)
    with pytest.raises(BadSignature, match="trusted comment was changed"):
        checked(signature.replace(NAME.encode(), NAME.replace("22T", "23T").encode()), key)
    other = signer.sign(*format, "-t", "other", content=b"other").splitlines(keepends=True)
    for place in (1, 2, 3):
        with pytest.raises(BadSignature):
            checked(b"".join([*lines[:place], other[place], *lines[place + 1 :]]), key)
    assert checked(b"untrusted comment: anything\n" + b"".join(lines[1:]), key) == NAME


def test_every_bit_counts(signer: Signer, key: PublicKey) -> None:
    signature = signer.sign()
    begins = signature.index(b"\n") + 1
    for place in range(begins, len(signature) - 1):
        for bit in (1, 4, 32):
            changed = bytearray(signature)
            changed[place] ^= bit
            with pytest.raises(BadSignature):
                checked(bytes(changed), key)


def test_an_old_signature_is_not_taken_for_a_new_one(signer: Signer, key: PublicKey) -> None:
    digest_signed = signer.sign("-l", content=b"x" * 64)
    as_new = digest_signed.splitlines()[1].replace(b"RW", b"RU", 1)
    with pytest.raises(BadSignature):
        checked(digest_signed.replace(digest_signed.splitlines()[1], as_new), key, b"x" * 64)


def test_another_key_is_told_by_its_name(signer: Signer, key: PublicKey, tmp_path: Path) -> None:
    other = Signer(tmp_path)
    others = other.make()
    with pytest.raises(BadSignature, match=f"signed with the key {others.shown}, not with {key.shown}"):
        checked(other.sign(), key)
    assert key.shown in (signer.folder / "pub").read_text().splitlines()[0]
    forged = Signature.parse(other.sign())
    with pytest.raises(BadSignature, match="is wrong"):
        verify(io.BytesIO(CONTENT), forged, PublicKey(forged.key_id, key.key))


def test_a_comment_of_ones_own_need_not_name_the_file(signer: Signer, key: PublicKey) -> None:
    assert checked(signer.sign("-t", "nightly"), key) is None
    with pytest.raises(BadSignature, match="several files"):
        checked(signer.sign("-t", "file:a\tfile:b"), key)


def test_the_old_format_has_a_limit(signer: Signer, key: PublicKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minisign, "LARGEST_LEGACY", len(CONTENT) - 1)
    with pytest.raises(BadSignature, match="too large"):
        checked(signer.sign("-l"), key)
    assert checked(signer.sign("-H"), key) == NAME


@pytest.mark.parametrize(
    "text", ["", "RW", "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO", "A" * 56, "\u00df" * 56]
)
def test_what_is_no_key_is_none(text: str) -> None:
    with pytest.raises(BadKey):
        PublicKey.parse(text)


@pytest.mark.parametrize("data", [b"", b"\n\n\n\n", b"x" * 5000, b"\xff" * 100])
def test_what_is_no_signature_is_none(data: bytes) -> None:
    with pytest.raises(BadSignature):
        Signature.parse(data)
