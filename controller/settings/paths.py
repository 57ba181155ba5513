"""Where a branch keeps its files. Every path is decided here, once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from controller.settings.model import Settings

JOURNALS = ("door", "recorder", "membership", "uplink", "console")
"""The services that write a journal. The console's also takes what staff do on the command line."""


@dataclass(frozen=True, slots=True)
class Paths:
    """state: survives restarts. run: sockets, gone at boot. footage: may be a disk of its own."""

    state: Path
    run: Path
    footage_dir: Path
    secrets: Path

    @classmethod
    def of(cls, settings: Settings) -> Paths:
        branch = settings.branch
        return cls(
            branch.state_dir,
            branch.run_dir,
            settings.footage.dir or branch.state_dir / "footage",
            branch.secrets_dir,
        )

    def journal(self, service: str) -> Path:
        # In a folder of the service's own: SQLite makes its log beside the file, and a folder in which
        # several users may do so lets a reader lock the owner out.
        return self.state / service / "journal.db"

    def reserve(self, service: str) -> Path:
        """Room kept for when the disk is full, where the databases of the service are."""
        return self.journal(service).with_name("reserve")

    @property
    def restoring(self) -> Path:
        """What is made ready of a backup; a restore that was killed leaves it."""
        return self.state / "restoring"

    @property
    def members(self) -> Path:
        return self.state / "membership" / "members.db"

    @property
    def footage(self) -> Path:
        return self.state / "recorder" / "footage.db"

    @property
    def recorder_alive(self) -> Path:
        return self.state / "recorder" / "alive"

    @property
    def footage_disk(self) -> Path:
        """Where the footage folder was mounted when it was last recorded to."""
        return self.state / "recorder" / "footage-disk"

    @property
    def registers(self) -> Path:
        return self.state / "console" / "registers.db"

    @property
    def notice(self) -> Path:
        """The privacy notice as it was published, which live settings are compared with."""
        return self.state / "console" / "notice.json"

    @property
    def console(self) -> Path:
        """Accounts and sessions of the staff pages."""
        return self.state / "console" / "console.db"

    @property
    def positions(self) -> Path:
        return self.state / "uplink" / "positions.db"

    @property
    def exports(self) -> Path:
        """What was exported on the staff pages, until it is fetched."""
        return self.state / "console" / "exports"

    @property
    def prepared(self) -> Path:
        """Footage that was encoded anew to be looked at. In memory, like all in ``run``."""
        return self.run / "console" / "footage"

    @property
    def encoding_turn(self) -> Path:
        """The lock of whoever encodes a film."""
        return self.state / "console" / "encoding.lock"

    @property
    def backup(self) -> Path:
        """Where a backup is made, encrypted, before it leaves; and what became of the last."""
        return self.state / "backup"

    @property
    def power_off(self) -> Path:
        """The door asks for the machine to be stopped: systemd waits for this file."""
        return self.run / "door" / "power-off"

    def socket(self, service: str) -> Path:
        return self.run / service / "control.sock"
