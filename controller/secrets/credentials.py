"""Secrets: one file each, read by name, in a type that does not print itself.

Here: their names, who needs which, and reading. Never here: making them (``unlocked init``), or what they
are good for. A service finds its secrets in ``$CREDENTIALS_DIRECTORY``, where systemd or ``unlocked run``
has put them; a command run by hand reads the branch's secrets folder, where ``NAME.cred`` is the secret NAME
encrypted (``encrypted``). Where both are there the encrypted one counts, until ``unlocked secrets encrypt``
takes the other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from controller.secrets import encrypted

if TYPE_CHECKING:
    from controller.settings.model import Settings

SITE_KEY = "site-key"
PIN_KEY = "pin-key"
AUTHORITY_PUBLIC_KEY = "authority-public-key"
MQTT_PASSWORD = "mqtt-password"  # noqa: S105 -- a name, not a password
MQTT_CLIENT_KEY = "mqtt-client-key"
LMS_PASSWORD = "lms-password"  # noqa: S105
LMS_TERMINAL_PASSWORD = "lms-terminal-password"  # noqa: S105
LMS_CLIENT_SECRET = "lms-client-secret"  # noqa: S105
FEED_SSH_KEY = "feed-ssh-key"
CONSOLE_CLIENT_SECRET = "console-client-secret"  # noqa: S105
EXPORT_SIGNING_KEY = "export-signing-key"
BACKUP_SSH_KEY = "backup-ssh-key"


class SecretMissing(Exception):
    """There is no usable secret of this name. The message names the file and what to do, and no content."""


class Secret:
    """A secret text. ``reveal`` is the only way to it."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        return self.__text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is neither copied nor pickled")


def camera_password(camera_id: str) -> str:
    """The name of the secret that holds this camera's password."""
    return f"camera-{camera_id}-password"


def reader_key(door_id: str, reader_id: str) -> str:
    """The name of the secret that holds the key of this OSDP reader."""
    return f"reader-{door_id}-{reader_id}-key"


def journal_key(service: str) -> str:
    """The name of the secret that holds the key with which this service signs its journal's heads."""
    return f"journal-key-{service}"


def _reader_keys(settings: Settings) -> tuple[str, ...]:
    return tuple(reader_key(door.id, reader.id) for door, reader in settings.readers() if reader.needs_key)


def _of_membership(settings: Settings) -> Iterator[str]:
    lms, feed = settings.lms, settings.feed
    yield SITE_KEY  # also where nothing else is set: staff hand over files of memberships
    if settings.pin.offline:
        yield PIN_KEY
    if lms and lms.sip2 and lms.sip2.username:
        yield LMS_PASSWORD
    if lms and lms.sip2 and lms.sip2.terminal_password:
        yield LMS_TERMINAL_PASSWORD
    if lms and lms.koha:
        yield LMS_CLIENT_SECRET
    if feed and feed.sftp:
        yield FEED_SSH_KEY


def _of_console(settings: Settings) -> Iterator[str]:
    if settings.console.sso and settings.console.sso.openid:
        yield CONSOLE_CLIENT_SECRET


def _of_uplink(settings: Settings) -> Iterator[str]:
    if settings.mqtt.enabled and settings.mqtt.username:
        yield MQTT_PASSWORD
    if settings.mqtt.enabled and settings.mqtt.certificate:
        yield MQTT_CLIENT_KEY


def needed(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Each service with the names of the secrets it cannot do without; ``wanted`` come beside them."""
    return {
        "door": (SITE_KEY, AUTHORITY_PUBLIC_KEY, *_reader_keys(settings)),
        "recorder": tuple(camera_password(camera.id) for camera in settings.cameras if camera.username),
        "membership": tuple(_of_membership(settings)),
        "console": (AUTHORITY_PUBLIC_KEY, *_of_console(settings)),
        "uplink": tuple(_of_uplink(settings)),
    }


def wanted(service: str) -> tuple[str, ...]:
    """The names of the secrets that a service uses if they are there; a branch may be older than they are."""
    key = journal_key(service)
    return (EXPORT_SIGNING_KEY, key) if service == "console" else (key,)


def handed(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Each unit with the names of all that it is handed, whether it can do without or not."""
    found = {service: (*names, *wanted(service)) for service, names in needed(settings).items()}
    if settings.backup is None:
        return found
    return found | {"backup": (*leaving(settings), *of_backups(settings))}


def of_backups(settings: Settings) -> tuple[str, ...]:
    """The names of the secrets without which backups do not reach where they go."""
    return (BACKUP_SSH_KEY,) if settings.backup and settings.backup.sftp else ()


def stored_as(name: str, folder: Path) -> Path:
    """The file that counts for this secret, encrypted or not; it need not be there."""
    sealed = folder / f"{name}{encrypted.SUFFIX}"
    return sealed if sealed.exists() else folder / name


def content_of(file: Path) -> bytes:
    """What is in a file that ``stored_as`` found, decrypted. Raises OSError, which NotDecrypted is."""
    if file.suffix == encrypted.SUFFIX:
        return encrypted.decrypt(file.name.removesuffix(encrypted.SUFFIX), file)
    return file.read_bytes()


def leaving(settings: Settings) -> tuple[str, ...]:
    """The names of the secrets that leave in a backup, which only the authority opens.

    Not the site key: with it whoever opens a backup could try card numbers, and memberships come again by
    an import. Not the keys of the journals, which would sign another past; not what opens other systems.
    """
    return (AUTHORITY_PUBLIC_KEY, EXPORT_SIGNING_KEY, *_reader_keys(settings))


def read(name: str, folder: Path | None = None) -> Secret:
    """The secret called ``name``, a line end at its end removed. Raises SecretMissing.

    folder: where to look; unset, where the supervisor of this service has put its secrets.
    """
    by_hand = folder is not None
    if folder is None:
        given = os.environ.get("CREDENTIALS_DIRECTORY", "")
        if not given:
            raise SecretMissing(
                f"{name}: $CREDENTIALS_DIRECTORY is not set; start services with `unlocked run` or systemd"
            )
        folder = Path(given)
    file = folder / name
    try:
        if by_hand:
            file = stored_as(name, folder)
        text = content_of(file).decode().removesuffix("\n").removesuffix("\r")
    except FileNotFoundError:
        raise SecretMissing(f"{file}: there is no such file; {_remedy(name)}") from None
    except encrypted.NotDecrypted as error:
        raise SecretMissing(f"{file}: it cannot be decrypted ({error.strerror}); {_AGAIN}") from None
    except OSError as error:
        remedy = "run it as root" if by_hand else "correct its owner"
        raise SecretMissing(f"{file}: it cannot be read ({error.strerror}); {remedy}") from None
    except UnicodeDecodeError:
        raise SecretMissing(f"{file}: it is not text; {_remedy(name)}") from None
    if not text:
        raise SecretMissing(f"{file}: it is empty; {_remedy(name)}")
    return Secret(text)


def file_of(name: str) -> Path:
    """The file of a secret of this service, for a library that reads it itself. Raises SecretMissing."""
    read(name)
    return Path(os.environ["CREDENTIALS_DIRECTORY"]) / name


_AGAIN = (
    "on the machine that encrypted it, run this as root; on another, put the secret itself there anew from "
    "its backup and remove the encrypted file"
)


def _remedy(name: str) -> str:
    if name in (SITE_KEY, AUTHORITY_PUBLIC_KEY):
        return "`unlocked init` makes it"
    if name == EXPORT_SIGNING_KEY:
        return "`unlocked clip key` makes it"
    if name.startswith("journal-key-"):
        return "`unlocked journal keys --make` makes it"
    if name == MQTT_CLIENT_KEY:
        return "`mqtt-ca request` makes it, and docs/mqtt.md says the rest"
    if name == PIN_KEY:
        return "`unlocked init` makes it; at a branch that is older than PINs, `openssl rand -hex 32` does"
    if name.startswith("reader-"):
        return "`unlocked reader pair` makes it and gives it to the OSDP reader"
    return f"put the password into {name} in the secrets folder, mode 0600"
