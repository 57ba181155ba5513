"""What is left to do once a branch is set up, in order. Never here: doing it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from controller.secrets import credentials, encrypted
from controller.settings.model import Settings


def next_steps(settings: Settings, config: Path, *, started: bool = False) -> Iterator[str]:
    """A sentence each. started: the services run."""
    profile = settings.policy.profile
    if not settings.staff:
        yield f"Name in {config}, [[staff]], who may publish the notice and end holds here: docs/holds.md."
    if profile is not None:
        yield f"Have the assumptions in {profile} accepted: `unlocked policy check` says what is left."
        yield "Make the privacy notice, and say when it is published: `unlocked notice write` and `publish`."
    elif settings.cameras:
        yield f"Nothing is recorded before {config} names a policy profile: docs/policies.md."
    for door, reader in settings.readers():
        name = credentials.reader_key(door.id, reader.id)
        if reader.needs_key and not credentials.stored_as(name, settings.branch.secrets_dir).exists():
            which = f"--door {door.id} --reader {reader.id}"
            yield f"Give the reader its key: `sudo unlocked reader pair {which}`."
    if settings.lms is not None:
        yield "Try the library management system with test cards: `sudo unlocked lms probe`."
    if settings.feed is None:
        yield "Import the memberships: `sudo unlocked members import FILE --shred`."
    yield "Keep copies of site-key, pin-key and export-signing-key elsewhere: docs/secrets.md."
    if any(file.suffix != encrypted.SUFFIX for file in settings.branch.secrets_dir.iterdir()):
        yield "Encrypt the secrets, so that they are of use here alone: `sudo unlocked secrets encrypt`."
    if settings.backup is None:
        yield "Set up backups: docs/backup.md."
    else:
        yield "Make a backup, and have the authority open it: `sudo unlocked backup make`, docs/backup.md."
    if not started:
        yield "Start the branch: `sudo systemctl restart unlocked.target`."
    yield "See how the doors are: `sudo unlocked door status`."
    yield "Give `sudo unlocked journal keys` to whoever keeps the journals' heads elsewhere: docs/journal.md."
