from __future__ import annotations

import io
import pickle
import subprocess
from pathlib import Path

import pytest

from controller.secrets.credentials import Secret, SecretMissing
from controller.secrets.minisign import LARGEST, BadSignature, PublicKey, Signature, verify, verify_comment
from controller.secrets.minisign_signing import LONGEST_COMMENT, SigningKey, comment

NAME = "export-signing-key"
CONTENT = b'{"format": "1"}\n' * 100


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


def minisign(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["minisign", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def signed(key: SigningKey, folder: Path, more: str = "more") -> Path:
    file = folder / "out.json"
    file.write_bytes(CONTENT)
    signature = key.sign(io.BytesIO(CONTENT), comment(1_790_000_000, file.name, [more]))
    (folder / "out.json.minisig").write_bytes(signature)
    return file


def test_minisign_believes_our_signature_and_only_of_that_file(key: SigningKey, tmp_path: Path) -> None:
    file = signed(key, tmp_path)
    (tmp_path / "key.pub").write_text(key.public.file)
    for given in (("-P", key.public.text), ("-p", tmp_path / "key.pub")):
        result = minisign(tmp_path, "-V", *given, "-m", file)
        assert result.returncode == 0, result.stderr
        assert "timestamp:1790000000\tfile:out.json\thashed\tmore" in result.stdout
    file.write_bytes(CONTENT.replace(b"1", b"2", 1))
    assert minisign(tmp_path, "-V", "-P", key.public.text, "-m", file).returncode != 0


def test_so_do_we(key: SigningKey, tmp_path: Path) -> None:
    file = signed(key, tmp_path)
    signature = Signature.parse((tmp_path / "out.json.minisig").read_bytes())
    assert verify(io.BytesIO(CONTENT), signature, key.public) == file.name
    with pytest.raises(BadSignature, match="not the one signed"):
        verify(io.BytesIO(b"other"), signature, key.public)
    assert verify_comment(signature, key.public).endswith(b"\tmore")


def test_the_key_is_one_of_minisigns_own(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(key.secret().reveal())
    (tmp_path / "file").write_bytes(CONTENT)
    result = minisign(tmp_path, "-S", "-s", "secret", "-m", "file")
    assert result.returncode == 0, result.stderr
    signature = Signature.parse((tmp_path / "file.minisig").read_bytes())
    assert verify(io.BytesIO(CONTENT), signature, key.public) == "file"
    assert SigningKey.of(key.secret(), NAME).public == key.public


def test_a_key_that_minisign_made_signs(tmp_path: Path) -> None:
    assert minisign(tmp_path, "-G", "-W", "-p", "pub", "-s", "secret").returncode == 0
    key = SigningKey.of(Secret((tmp_path / "secret").read_text()), NAME)
    assert key.public == PublicKey.of_file((tmp_path / "pub").read_text())
    file = signed(key, tmp_path)
    assert minisign(tmp_path, "-V", "-p", "pub", "-m", file).returncode == 0


def test_every_flipped_byte_of_a_key_is_noticed(key: SigningKey) -> None:
    lines = key.secret().reveal().splitlines()
    for place in range(0, len(lines[1]) - 1, 3):
        letter = "A" if lines[1][place] != "A" else "B"
        changed = lines[1][:place] + letter + lines[1][place + 1 :]
        if 8 <= place < 72:
            continue  # the salt and limits of a passphrase that there is none of
        with pytest.raises(SecretMissing, match=NAME):
            SigningKey.of(Secret(f"{lines[0]}\n{changed}"), NAME)


@pytest.mark.parametrize("text", ["x", "AAAA", "ü", "untrusted comment: x\n", "\n\n"])
def test_what_is_no_key_is_said_to_be_none(text: str) -> None:
    with pytest.raises(SecretMissing, match=f"{NAME}: it is no secret key"):
        SigningKey.of(Secret(text), NAME)


def test_the_key_does_not_show_itself(key: SigningKey) -> None:
    assert repr(key) == f"SigningKey({key.public.shown}, …)"
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_comment_is_a_line_of_bounded_length(key: SigningKey) -> None:
    for text in ("a\nb", "a\rb", "x" * (LONGEST_COMMENT + 1)):
        with pytest.raises(ValueError, match="one line"):
            key.sign(io.BytesIO(), text)
    assert len(key.sign(io.BytesIO(), "x" * LONGEST_COMMENT)) < LARGEST


@pytest.mark.parametrize("text", ["", "RW", "untrusted comment: x\nRW\nRW"])
def test_what_is_no_public_key_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="no public key"):
        PublicKey.of_file(text)
