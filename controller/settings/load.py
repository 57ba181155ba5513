"""branch.toml to validated settings, or one line a fault: file, key, remedy.

Every command and service comes through here; nothing else reads the file.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from controller.settings import toml_file
from controller.settings.backup import MEDIUM, RECIPIENT
from controller.settings.feed import SIGNER
from controller.settings.lms import FIELD
from controller.settings.model import Settings
from controller.settings.section import NAME, WORD
from controller.settings.sftp import HOST_KEY
from controller.settings.toml_file import SettingsError as SettingsError

EXAMPLE = "config/branch.example.toml"
PATTERNS = {
    NAME: "use up to 40 small letters, digits and hyphens",
    WORD: "use up to 40 letters, digits, spaces, hyphens and underscores",
    FIELD: "write its two characters, such as PA",
    SIGNER: "write the second line of minisign's file of the public key, which begins with RW",
    RECIPIENT: "write the public key that age-keygen shows, which begins with age1",
    MEDIUM: "write LABEL= or UUID= and what `lsblk -f` shows, such as LABEL=BACKUP",
    HOST_KEY: "write what `ssh-keyscan` shows behind the host name, such as ssh-ed25519 AAAA…",
}


def load(file: Path) -> Settings:
    """Read and validate. Raises SettingsError; never returns settings that are partly right."""
    found = toml_file.parsed(file, toml_file.read(file, f"make it with `unlocked setup`, or from {EXAMPLE}"))
    try:
        return Settings.model_validate(found, strict=False)
    except ValidationError as error:
        faults = toml_file.faults(error, found, example=EXAMPLE, patterns=PATTERNS)
        raise SettingsError(file, faults) from error
