"""What systemd-creds makes, and what its faults look like. The machine's key is one of the test's own."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from controller.secrets import credentials, encrypted
from controller.secrets.credentials import SecretMissing
from controller.secrets.encrypted import Binding, NotDecrypted, NotEncrypted
from controller.supervisor import hand_out
from simulator.waiting import wait_until


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    key = tmp_path / "machine" / "credential.secret"
    key.parent.mkdir()
    monkeypatch.setenv("SYSTEMD_CREDENTIAL_SECRET", str(key))
    return key


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    file = tmp_path / "secrets" / "mqtt-password.cred"
    file.parent.mkdir()
    file.write_bytes(encrypted.encrypt("mqtt-password", b"p4ss word\n", Binding.HOST))
    return file


def test_a_secret_that_is_encrypted_is_read_by_hand_like_any_other(sealed: Path) -> None:
    assert b"p4ss" not in sealed.read_bytes()
    assert credentials.read("mqtt-password", sealed.parent).reveal() == "p4ss word"


def test_a_supervisor_hands_it_out_decrypted(sealed: Path, tmp_path: Path) -> None:
    hand_out({"mqtt-password": credentials.stored_as("mqtt-password", sealed.parent)}, tmp_path / "uplink")
    assert (tmp_path / "uplink" / "mqtt-password").read_bytes() == b"p4ss word\n"


def test_the_encrypted_one_counts_where_there_is_another_in_plain(sealed: Path) -> None:
    (sealed.parent / "mqtt-password").write_text("another")
    assert credentials.read("mqtt-password", sealed.parent).reveal() == "p4ss word"


def test_what_it_is_bound_to_is_seen_without_decrypting(sealed: Path) -> None:
    assert encrypted.binding_of(sealed.read_bytes()) is Binding.HOST
    assert encrypted.binding_of(b"p4ss word\n") is None
    assert encrypted.binding_of(b"") is None
    # The example of systemd's own documentation, cut off: a machine's key and its TPM.
    assert (
        encrypted.binding_of(b"k6iUCUh0RJCQyvL8k8q1UyAAAAABAAAADAAAABAAAAC1lFmbWAqWZ8dCCQkAAAAAgAAA")
        is Binding.TPM
    )


def test_on_another_machine_it_cannot_be_read_and_says_what_to_do(sealed: Path, machine: Path) -> None:
    machine.unlink()
    credentials_made_anew = encrypted.encrypt("another", b"x", Binding.HOST)
    assert credentials_made_anew
    with pytest.raises(SecretMissing, match=r"mqtt-password\.cred: it cannot be decrypted .*from its backup"):
        credentials.read("mqtt-password", sealed.parent)


def test_it_is_read_under_no_other_name(sealed: Path) -> None:
    other = sealed.rename(sealed.with_name("lms-password.cred"))
    with pytest.raises(NotDecrypted):
        encrypted.decrypt("lms-password", other)


@pytest.mark.parametrize("at", [30, 100, -5])
def test_what_was_changed_is_not_decrypted(sealed: Path, at: int) -> None:
    content = bytearray(sealed.read_bytes())
    content[at] ^= 1
    sealed.write_bytes(content)
    with pytest.raises(NotDecrypted):
        encrypted.decrypt("mqtt-password", sealed)


def test_without_a_tpm_nothing_is_bound_to_one(tmp_path: Path) -> None:
    assert encrypted.best_binding(tmp_path / "tpmrm0") is Binding.HOST
    (tmp_path / "tpmrm0").touch()
    assert encrypted.best_binding(tmp_path / "tpmrm0") is Binding.TPM


def two_free_ports() -> int:
    """The first of two beside each other, as its driver expects them."""
    while True:
        with socket.socket() as one, socket.socket() as other, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            other.bind(("127.0.0.1", port + 1))
            return port


def listens(port: int) -> bool:
    """Without connecting, which would be heard."""
    return f":{port:04X} 00000000:0000 0A" in Path("/proc/net/tcp").read_text()


@pytest.fixture
def tpm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Call it with a name to have a TPM in software, instead of the one before, for systemd-creds to use."""
    port = two_free_ports()
    running: list[subprocess.Popen[bytes]] = []

    def end() -> None:
        for process in running:
            process.terminate()
            process.wait()
        running.clear()

    def begin(name: str) -> None:
        end()
        (tmp_path / name).mkdir(exist_ok=True)
        running.append(
            subprocess.Popen(
                [
                    *("swtpm", "socket", "--tpm2", "--flags=not-need-init,startup-clear"),
                    f"--tpmstate=dir={tmp_path / name}",
                    f"--server=type=tcp,port={port},bindaddr=127.0.0.1",
                    f"--ctrl=type=tcp,port={port + 1},bindaddr=127.0.0.1",
                ]
            )
        )
        wait_until(lambda: listens(port) and listens(port + 1), 20, "a TPM")

    program = tmp_path / "systemd-creds"
    program.write_text(f'#!/bin/sh\nexec systemd-creds --tpm2-device=swtpm:host=127.0.0.1,port={port} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr(encrypted, "PROGRAM", str(program))
    yield begin
    end()


@pytest.mark.skipif(
    shutil.which("swtpm") is None or not list(Path("/usr/lib").glob("*/libtss2-tcti-swtpm.so.0")),
    reason="there is no TPM in software (swtpm, libtss2-tcti-swtpm0, tpm2-tools)",
)
def test_what_is_bound_to_a_tpm_is_of_no_use_without_it(
    tpm: Callable[[str], None], tmp_path: Path, machine: Path
) -> None:
    tpm("ours")
    file = tmp_path / "mqtt-password.cred"
    file.write_bytes(encrypted.encrypt("mqtt-password", b"p4ss", Binding.TPM))
    assert encrypted.binding_of(file.read_bytes()) is Binding.TPM
    assert encrypted.decrypt("mqtt-password", file) == b"p4ss"
    tpm("another")
    with pytest.raises(NotDecrypted):
        encrypted.decrypt("mqtt-password", file)


@pytest.mark.skipif(encrypted.TPM.exists(), reason="there is a TPM")
def test_a_tpm_that_is_not_there_is_an_error_that_names_no_content() -> None:
    with pytest.raises(NotEncrypted, match="mqtt-password: systemd-creds") as caught:
        encrypted.encrypt("mqtt-password", b"p4ss", Binding.TPM)
    assert "p4ss" not in str(caught.value)


def test_without_the_program_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encrypted, "PROGRAM", "no-systemd-creds")
    with pytest.raises(NotEncrypted, match="there is no program no-systemd-creds"):
        encrypted.encrypt("mqtt-password", b"p4ss", Binding.HOST)
