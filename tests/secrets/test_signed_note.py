"""Known answers are those of Go's golang.org/x/mod/sumdb/note, and the key of sum.golang.org."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.secrets.credentials import Secret, SecretMissing
from controller.secrets.signed_note import (
    BadKey,
    BadSignature,
    NotANote,
    Note,
    SignerKey,
    VerifierKey,
    split,
)

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
SUM_GOLANG_ORG = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
PETERS_PRIVATE_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
BY_PETER = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"  # noqa: E501
BY_ENOCH = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"  # noqa: E501

peter, enoch = VerifierKey.parse(PETER), VerifierKey.parse(ENOCH)


def note(text: str) -> Note:
    return Note.parse(text.encode())


@pytest.mark.parametrize("text", [PETER, ENOCH, SUM_GOLANG_ORG])
def test_known_keys_have_the_ids_that_others_give_them(text: str) -> None:
    key = VerifierKey.parse(text)
    assert key.text == text
    assert key.key_id.hex() == text.split("+")[1]


def test_a_known_text_is_signed_as_others_sign_it() -> None:
    key = SignerKey.of(Secret(PETERS_PRIVATE_KEY), "journal-key-door")
    assert key.public == peter
    assert key.sign(TEXT) == f"{TEXT}\n{BY_PETER}"
    assert key.secret().reveal() == PETERS_PRIVATE_KEY


def test_known_signatures_are_verified() -> None:
    both = note(f"{TEXT}\n{BY_PETER}{BY_ENOCH}")
    assert both.text == TEXT
    assert both.signers([peter]) == (peter,)
    assert both.signers([peter, enoch]) == (peter, enoch)
    assert both.signers([]) == ()
    assert note(f"{TEXT}\n{BY_PETER}{BY_PETER}").signers([peter]) == (peter,)


@pytest.mark.parametrize("cut", [(0, 1), (1, None), (5, 9), (0, 13), (-4, None)])
def test_a_part_of_a_key_is_none(cut: tuple[int, int | None]) -> None:
    with pytest.raises(BadKey):
        VerifierKey.parse(PETER[: cut[0]] + PETER[cut[1] :] if cut[1] else PETER[: cut[0]])


def test_a_key_with_any_letter_changed_is_none() -> None:
    for at, letter in enumerate(PETER):
        with pytest.raises(BadKey):
            VerifierKey.parse(PETER[:at] + chr(ord(letter) + 1) + PETER[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        # A key of another length, and one of another type, each with the id that it would have.
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER.replace("c74f", "C74F"),
        f" {PETER}",
        f"{PETER}\n",
        "",
    ],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(BadKey):
        VerifierKey.parse(text)


def test_a_signature_of_a_known_key_that_is_wrong_spoils_the_note() -> None:
    with pytest.raises(BadSignature, match=r"PeterNeumann\+c74f20a3"):
        note(f"{TEXT.replace('your', 'my')}\n{BY_PETER}{BY_ENOCH}").signers([peter])
    with pytest.raises(BadSignature):
        note(f"{TEXT}\n{BY_PETER[:60]}ABCD{BY_PETER[60:]}").signers([peter])


def test_neither_name_nor_id_alone_makes_a_key_known() -> None:
    renamed = BY_PETER.replace("PeterNeumann", "EnochRoot")
    assert note(f"{TEXT}\n{renamed}").signers([peter, enoch]) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        TEXT,
        f"{TEXT}\n",
        f"\n\n{BY_PETER}",
        f"{TEXT}\n{BY_PETER[:-1]}",
        f"\x01{TEXT}\n{BY_PETER}",
        f"{TEXT}\r\n{BY_PETER}",
        f"{TEXT}\n{BY_PETER}An unexpected line.\n",
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', 'Bad Name')}",
        f"{TEXT}\n{BY_PETER.replace('PeterNeumann', 'Bad+Name')}",
        f"{TEXT}\n{BY_PETER.replace('—', '--')}",
        f"{TEXT}\n— PeterNeumann x08gow==\n",
        f"{TEXT}\n{BY_PETER * 101}",
        f"{TEXT * 11_000}\n{BY_PETER}",
    ],
)
def test_what_is_no_note(text: str) -> None:
    with pytest.raises(NotANote):
        note(text)
    with pytest.raises(NotANote):
        Note.parse(b"\xff" + f"{TEXT}\n{BY_PETER}".encode())


def test_a_text_may_have_empty_lines() -> None:
    key = SignerKey.generate("example.com/poems")
    signed = note(key.sign("One\n\n\nTwo\n"))
    assert (signed.text, signed.signers([key.public])) == ("One\n\n\nTwo\n", (key.public,))


@pytest.mark.parametrize("text", ["", "\n", "no line end", "a\rb\n", "a\tb\n"])
def test_what_no_note_can_say_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="a note is text"):
        SignerKey.generate("name").sign(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_what_is_signed_is_verified_and_nothing_else(line: str) -> None:
    key = SignerKey.generate("org/branch/door")
    signed = key.sign(f"{line}\n")
    assert note(signed).signers([key.public]) == (key.public,)
    with pytest.raises(BadSignature):
        note(f"x{signed}").signers([key.public])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_note_or_none(data: bytes) -> None:
    for whole in (data, f"{TEXT}\n".encode() + data, data + f"\n{BY_PETER}".encode()):
        try:
            Note.parse(whole).signers([peter])
        except (NotANote, BadSignature):
            continue


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b"])
def test_names_that_no_key_may_have(name: str) -> None:
    with pytest.raises(BadKey):
        SignerKey.generate(name)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hunter2", "no key for signed notes"),
        (PETERS_PRIVATE_KEY.removeprefix("PRIVATE+KEY+"), "damaged"),
        (PETERS_PRIVATE_KEY.replace("c74f20a3", "c74f20a4"), "damaged"),
        (PETERS_PRIVATE_KEY.replace("Peter", "Petra"), "damaged"),
        (PETERS_PRIVATE_KEY[:-4], "no key for signed notes"),
    ],
)
def test_a_private_key_that_is_none_is_named_and_not_shown(text: str, why: str) -> None:
    with pytest.raises(SecretMissing, match=f"journal-key-door: .*{why}") as raised:
        SignerKey.of(Secret(text), "journal-key-door")
    assert text not in str(raised.value)


def test_a_private_key_does_not_show_itself() -> None:
    key = SignerKey.of(Secret(PETERS_PRIVATE_KEY), "journal-key-door")
    assert PETERS_PRIVATE_KEY[-30:] not in repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)


@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_notes_one_after_the_other(between: str) -> None:
    key = SignerKey.generate("name")
    notes = [key.sign(f"{n}\n") for n in range(3)]
    found = list(split(between.join(notes).encode().splitlines(keepends=True)))
    assert [text.decode() for _, text in found] == notes
    step = 3 + len(between)
    assert [line for line, _ in found] == [1, 1 + step, 1 + 2 * step]


def test_a_note_with_windows_line_ends_and_several_signatures() -> None:
    whole = f"{TEXT}\n{BY_PETER}{BY_ENOCH}"
    crlf = whole.replace("\n", "\r\n").encode().splitlines(keepends=True)
    assert [text.decode() for _, text in split(crlf)] == [whole]


def test_what_follows_the_last_note_is_told() -> None:
    whole = f"{TEXT}\n{BY_PETER}".encode()
    assert list(split([*whole.splitlines(keepends=True), b"half a no"])) == [(1, whole), (5, b"half a no\n")]
    assert list(split([])) == []
