"""What systemd is told about the secrets of each service: a drop-in beside its unit, by the settings.

The units hand over what every branch has. These hand over what this one has besides (cameras, readers,
library management system), and what is encrypted. Never here: the secrets themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from controller.disk import sync_folder
from controller.secrets import credentials, encrypted

if TYPE_CHECKING:
    from controller.settings.model import Settings

UNITS = Path("/etc/systemd/system")
NAME = "secrets.conf"


def text(settings: Settings, service: str) -> str:
    """The drop-in of this service. Names that have an encrypted file are decrypted by systemd."""
    lines = [
        "# Written by `unlocked secrets units` from the settings, and written anew: do not edit.",
        "[Service]",
        *_lines(settings, service),
    ]
    return "\n".join(lines) + "\n"


def _lines(settings: Settings, service: str) -> Iterator[str]:
    folder = settings.branch.secrets_dir
    for name in credentials.handed(settings)[service]:
        file = credentials.stored_as(name, folder)
        how = "LoadCredentialEncrypted" if file.suffix == encrypted.SUFFIX else "LoadCredential"
        yield f"{how}={name}:{file}"
        # Where the file is missing the service starts with an empty one, and says itself which it lacks.
        yield f"SetCredential={name}:\\n"


def file(service: str, units: Path = UNITS) -> Path:
    return units / f"unlocked-{service}.service.d" / NAME


def write(settings: Settings, units: Path = UNITS) -> tuple[Path, ...]:
    """Write the drop-in of each service, whole or not at all; those that changed. Raises OSError.

    systemd takes them after ``systemctl daemon-reload``, and a service when it is started again.
    """
    changed = []
    for service in credentials.handed(settings):
        target, wanted = file(service, units), text(settings, service)
        if target.exists() and target.read_text(encoding="utf-8") == wanted:
            continue
        target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        beside = target.with_name(f".{NAME}.new")
        with beside.open("w", encoding="utf-8") as opened:
            opened.write(wanted)
            opened.flush()
            os.fsync(opened.fileno())
        beside.chmod(0o644)
        beside.rename(target)
        sync_folder(target.parent)
        changed.append(target)
    return tuple(changed)
