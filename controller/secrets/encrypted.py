"""Secrets that are encrypted on the disk, readable on this machine alone: systemd's credentials.

``systemd-creds`` does it, bound to the machine's own key (``/var/lib/systemd/credential.secret``) and, where
there is one, to its TPM besides. systemd itself decrypts them for a service; here that is done for commands
run by hand. What is secret goes through pipes, never through an argument, the environment or a file. Never
here: which secrets there are, and who gets them.
"""

from __future__ import annotations

import binascii
import errno
import subprocess
from enum import Enum
from pathlib import Path
from uuid import UUID

SUFFIX = ".cred"
TPM = Path("/dev/tpmrm0")
PROGRAM = "systemd-creds"
REGISTER = 16
"""Of the TPM: the one for debugging, which nothing measures into. With those that firmware measures into, new
firmware would lock the branch out of its own secrets, and a Pi measures nothing. With none at all systemd 252
makes what it cannot decrypt (tried).
"""
LIMIT_S = 60.0
"""A TPM on a slow bus takes seconds, not minutes."""


class Binding(Enum):
    """What it takes to decrypt: its value is what ``systemd-creds --with-key=`` calls it."""

    HOST = "host"
    """The key in a file of this machine. Whoever takes the disk away has that file too."""
    TPM = "host+tpm2"
    """That key and the TPM of this machine: a disk that was taken away is not enough."""


_SEALS = {
    UUID("5a1c6a86-df9d-4096-b1d5-a65e0862f19a"): Binding.HOST,
    UUID("93a89409-4874-4490-90ca-f2fc93cab553"): Binding.TPM,
}
"""How an encrypted credential begins: sd-id128 of its kind (systemd, src/shared/creds-util.h)."""


class NotEncrypted(Exception):
    """It could not be encrypted. The message says why, and nothing of what it was."""


class NotDecrypted(OSError):
    """It could not be decrypted; ``strerror`` says why."""

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(errno.EKEYREJECTED, why, str(file))


def best_binding(tpm: Path = TPM) -> Binding:
    """What this machine has. A TPM that does not work shows when it is used, and is not passed over."""
    return Binding.TPM if tpm.exists() else Binding.HOST


def encrypt(name: str, content: bytes, binding: Binding) -> bytes:
    """``content`` as a credential called ``name``, and read under no other name. Raises NotEncrypted."""
    registers = (f"--tpm2-pcrs={REGISTER}",) if binding is Binding.TPM else ()
    try:
        made = _run(
            "encrypt", f"--name={name}", f"--with-key={binding.value}", *registers, "-", "-", content=content
        )
        # Nothing is thrown away on the word of a program alone.
        same = _run("decrypt", f"--name={name}", "-", "-", content=made) == content
    except _Failed as error:
        raise NotEncrypted(f"{name}: {error}") from None
    if not same:
        raise NotEncrypted(f"{name}: what {PROGRAM} made does not decrypt to what it was given")
    return made


def decrypt(name: str, file: Path) -> bytes:
    """What was encrypted as ``name``. Raises NotDecrypted, or OSError if the file cannot be read."""
    content = file.read_bytes()
    try:
        return _run("decrypt", f"--name={name}", "-", "-", content=content)
    except _Failed as error:
        raise NotDecrypted(file, str(error)) from None


def binding_of(content: bytes) -> Binding | None:
    """What an encrypted credential is bound to; None for something else."""
    try:
        begins = binascii.a2b_base64(b"".join(content.split())[:24])
    except binascii.Error:
        return None
    return _SEALS.get(UUID(bytes=begins[:16])) if len(begins) >= 16 else None


class _Failed(Exception):
    pass


def _run(*arguments: str, content: bytes) -> bytes:
    try:
        ended = subprocess.run((PROGRAM, *arguments), input=content, capture_output=True, timeout=LIMIT_S)
    except FileNotFoundError:
        raise _Failed(f"there is no program {PROGRAM}, which comes with systemd") from None
    except subprocess.TimeoutExpired:
        raise _Failed(f"{PROGRAM} has not ended after {LIMIT_S:g} s") from None
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace").strip().splitlines() or ["it did not say why"]
        raise _Failed(f"{PROGRAM}: {said[-1]}")
    return ended.stdout
