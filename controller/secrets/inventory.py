"""Which secrets a branch has and lacks, and how each is kept. Never here: what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from controller.secrets import credentials, encrypted
from controller.secrets.encrypted import Binding

if TYPE_CHECKING:
    from controller.settings.model import Settings


class State(Enum):
    TPM = "encrypted, bound to the TPM"
    HOST = "encrypted, with this machine's key on the same disk"
    ENCRYPTED = "encrypted, by somebody else"
    PLAIN = "in plain"
    REPLACED = "encrypted, and another one in plain that does not count yet"
    MISSING = "missing"
    NOT_THERE = "not there, and not needed"


@dataclass(frozen=True, slots=True)
class Kept:
    """One secret. services: to whom it is handed, by the settings. open_to_others: by its mode or owner."""

    name: str
    services: tuple[str, ...]
    state: State
    file: Path
    open_to_others: bool


def inventory(settings: Settings) -> tuple[Kept, ...]:
    """All that the settings speak of, then what else is in the secrets folder. Raises OSError: be root."""
    folder = settings.branch.secrets_dir
    needed = credentials.needed(settings)
    services: dict[str, list[str]] = {}
    for service, names in credentials.handed(settings).items():
        for name in names:
            services.setdefault(name, []).append(service)
    for file in sorted(folder.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            services.setdefault(file.name.removesuffix(encrypted.SUFFIX), [])
    must = {name for names in needed.values() for name in names} | {*credentials.of_backups(settings)}
    return tuple(_kept(folder, name, tuple(who), needed=name in must) for name, who in services.items())


def _kept(folder: Path, name: str, services: tuple[str, ...], *, needed: bool) -> Kept:
    file = credentials.stored_as(name, folder)
    if not file.exists():
        return Kept(name, services, State.MISSING if needed else State.NOT_THERE, file, open_to_others=False)
    state = State.PLAIN
    if file.suffix == encrypted.SUFFIX:
        binding = encrypted.binding_of(file.read_bytes())
        state = {Binding.TPM: State.TPM, Binding.HOST: State.HOST, None: State.ENCRYPTED}[binding]
        if (folder / name).exists():
            state = State.REPLACED
    found = file.stat()
    open_to_others = bool(found.st_mode & 0o077) or found.st_uid != folder.stat().st_uid
    return Kept(name, services, state, file, open_to_others)
