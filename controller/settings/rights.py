"""Who may read and who may write each file of a branch, by the users that the services run as.

One list, from which docs/rights.md is made (``python -m controller.settings.rights``), and which tests
compare with what the services really leave behind. Never here: making it so; the services' own modes and
``systemd/`` do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

SERVICES = ("door", "recorder", "membership", "uplink", "console")
LOGINS, OTHERS = "group `unlocked`", "others"
USERS = (*SERVICES, "backup")
"""The services, and what the timer starts."""
WHO = ("root", *USERS, LOGINS, OTHERS)


class Readers(Enum):
    """Who may read beside the owner and root."""

    NOBODY = ()
    GROUP = (*USERS, LOGINS)
    """All services, and logins that the administrator has put into the group `unlocked`."""
    ALL = (*USERS, LOGINS, OTHERS)


@dataclass(frozen=True, slots=True)
class Right:
    """pattern: of paths, ``*`` for any name or names. owner: who writes there; root always may."""

    pattern: str
    holds: str
    owner: str
    readers: Readers

    def reads(self, who: str) -> bool:
        return who in ("root", self.owner) or who in self.readers.value

    def writes(self, who: str) -> bool:
        return who in ("root", self.owner)

    def matches(self, path: str) -> bool:
        return fnmatchcase(path, self.pattern)


ETC, LIB, RUN = "/etc/unlocked", "/var/lib/unlocked", "/run/unlocked"

RIGHTS = (
    Right(f"{ETC}/secrets/*", "keys and passwords", "root", Readers.NOBODY),
    Right(f"{ETC}/*", "settings, policy profile", "root", Readers.ALL),
    *(
        Right(f"{LIB}/{service}/journal.db*", f"journal of {service}, its log", service, Readers.GROUP)
        for service in SERVICES
    ),
    *(
        Right(f"{LIB}/{service}/reserve", "room for when the disk is full", service, Readers.GROUP)
        for service in SERVICES
    ),
    Right(f"{LIB}/recorder/footage.db*", "list of the footage", "recorder", Readers.GROUP),
    Right(f"{LIB}/recorder/alive", "that the recorder lives", "recorder", Readers.GROUP),
    Right(f"{LIB}/recorder/footage-disk", "where footage was mounted", "recorder", Readers.GROUP),
    Right(f"{LIB}/footage/*", "footage", "recorder", Readers.GROUP),
    Right(f"{LIB}/membership/members.db*", "memberships, under references", "membership", Readers.GROUP),
    Right(f"{LIB}/uplink/positions.db*", "how far events were sent", "uplink", Readers.GROUP),
    Right(f"{LIB}/console/registers.db*", "holds and restrictions", "console", Readers.GROUP),
    Right(f"{LIB}/console/notice.json", "the privacy notice", "console", Readers.GROUP),
    Right(f"{LIB}/console/encoding.lock", "whose turn it is to encode", "console", Readers.GROUP),
    Right(f"{LIB}/console/console.db*", "accounts, passwords' hashes, sessions", "console", Readers.NOBODY),
    Right(f"{LIB}/console/cookie-key", "the key of cookies", "console", Readers.NOBODY),
    Right(f"{LIB}/console/exports*", "exports that were not fetched yet", "console", Readers.NOBODY),
    Right(f"{LIB}/backup/last.json", "what became of the last backup", "backup", Readers.GROUP),
    Right(f"{LIB}/backup/*", "a backup until it has left, encrypted", "backup", Readers.NOBODY),
    Right(f"{RUN}/console/footage*", "footage encoded to be looked at", "console", Readers.NOBODY),
)
"""The first that matches counts. Folders are as the files in them; nobody but their owner writes there."""

SOCKETS = {
    "door": ("commands of staff: lock down, unlock, …", "root; `console` those that its pages offer"),
    "membership": (
        "is this card a member's, is this PIN right; imports",
        "`door` the questions; `console` imports and counts; root all",
    ),
}
"""Whoever is in the group may connect. Who may command what is told by the caller's user (SO_PEERCRED)."""

DEVICES = {
    "door": (
        ("char-ttyS", "char-ttyAMA", "char-ttyACM", "char-ttyUSB", "char-gpiochip"),
        ("dialout", "gpio"),
    ),
    "recorder": (("char-video4linux",), ("video",)),
}
"""Service to the devices that its unit allows, and the groups that own them. No other service has any."""


def right_of(path: str) -> Right | None:
    """The right of a file, by its path on an installed branch."""
    return next((right for right in RIGHTS if right.matches(path)), None)


def page() -> str:
    """docs/rights.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _BEGINNING.splitlines()
    yield f"| file | holds | {' | '.join(WHO)} |"
    yield f"| --- | --- |{' --- |' * len(WHO)}"
    for right in RIGHTS:
        rights = (_letters(right, who) for who in WHO)
        yield f"| `{right.pattern}` | {right.holds} | {' | '.join(rights)} |"
    yield from _SOCKETS.splitlines()
    for service, (what, who) in SOCKETS.items():
        yield f"| `{RUN}/{service}/control.sock` | {what} | {who} |"
    yield from _DEVICES.splitlines()
    for service, (devices, groups) in DEVICES.items():
        yield f"| {service} | {_codes(devices)} | {_codes(groups)} |"
    yield from _ENDING.splitlines()


def _letters(right: Right, who: str) -> str:
    return ("r" if right.reads(who) else "") + ("w" if right.writes(who) else "") or "-"


def _codes(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_BEGINNING = """\
# Who may read what

Made by `python -m controller.settings.rights`; tests hold it to what the services leave behind, by trying
each file as each user.

Each service runs as a user of its own, `unlocked-door` and so on, in the group `unlocked`, without
capabilities and without a way to any (`NoNewPrivileges`). None runs as root. What one writes the others can
read where they need it, and nobody else can write: a service that is taken over cannot change the journal of
another.

**r** reads, **w** writes, **-** neither. The group is for people: an administrator who is put into it
(`usermod -aG unlocked NAME`) can look at journals without being root. Journals hold card numbers in sealed
boxes only, which open with the authority's key.

That is what modes and owners say. The units of uplink and backup hide footage and memberships besides
(`InaccessiblePaths=`), since those two have a network, or may have.

## Files

"""

_SOCKETS = """
## Sockets

Each is in a folder of its service's own, which the group may enter. The kernel is asked who connects
(`SO_PEERCRED`): commands are permitted by user, and whoever asks makes sure in the same way that it is the
service that answers.

| socket | what for | who may |
| --- | --- | --- |"""

_DEVICES = """
## Devices

| service | devices | groups |
| --- | --- | --- |"""

_ENDING = """
The others see none (`PrivateDevices=yes`). With the drop-ins `sound.conf` and `pi-camera.conf` the door has
the sound card, and the recorder the camera's own devices.

## Secrets

No service can look into the secrets folder. systemd hands each copies of its own: [secrets.md](secrets.md).
While a service runs they are in `/run/credentials/unlocked-SERVICE.service`, in memory that is not swapped,
for that user alone.

## Memory

No service leaves a core dump, and no other process of its user can look into its memory or environment
(`PR_SET_DUMPABLE`, `LimitCORE=0`). The same goes for commands by hand. Nothing of a service's memory is
written to swap where the memory controller is on (`MemorySwapMax=0`; on a Raspberry Pi put
`cgroup_enable=memory` into cmdline.txt, or switch swap off).
"""


if __name__ == "__main__":
    sys.stdout.write(page())
