"""Secrets by name, from the folder that systemd or ``unlocked run`` hands to a service.

Here: reading them, and which service is given which. Never here: what a secret is for, or making one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from controller.settings.model import Settings

SITE_KEY = "site-key"
AUTHORITY_PUBLIC_KEY = "authority-public-key"
MQTT_PASSWORD = "mqtt-password"  # noqa: S105 (its name)


class SecretMissing(Exception):
    """A service was not given a secret that it needs. The message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that is shown only when asked for by ``reveal``."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text


def camera_password(camera_id: str) -> str:
    """The name of the secret."""
    return f"camera-{camera_id}-password"


def read(name: str, environment: Mapping[str, str] = os.environ) -> Secret:
    """The secret of that name, without the line end that editors add. Raises SecretMissing."""
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        raise SecretMissing(
            f"no secrets were handed over ($CREDENTIALS_DIRECTORY is not set), and {name} is needed; "
            "start the service with systemd or with unlocked run"
        )
    file = Path(folder) / name
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SecretMissing(
            f"{file} cannot be read; put the secret {name} into the secrets folder and start again"
        ) from error
    if not text:
        raise SecretMissing(f"{file} is empty; put the secret {name} into the secrets folder and start again")
    return Secret(text)


def needed(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Which secrets each service is given, and no others."""
    return {
        "door": (SITE_KEY, AUTHORITY_PUBLIC_KEY),
        "recorder": tuple(camera_password(camera.id) for camera in settings.cameras if camera.username),
        "membership": (),
        "uplink": (MQTT_PASSWORD,) if settings.mqtt.username else (),
    }
