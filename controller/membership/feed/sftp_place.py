"""A folder of an SFTP server from which files of a feed are fetched.

The server is believed no further than a folder of our own is: names are ours or are not looked at, sizes have
limits, and a file is judged by what was fetched. What is refused stays there, renamed.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from controller.membership.feed import name, snapshot
from controller.membership.feed.folder_place import MOST, SETTLED_US
from controller.membership.feed.name import FeedName
from controller.membership.feed.place import REFUSED, Changed, Offer, Offers, PlaceUnusable
from controller.membership.feed.refusal import BadFile, Cause
from controller.secrets import minisign
from controller.sftp import CommandFailed, SftpClient

_LINE = re.compile(
    r"(?P<type>[-a-z])[-a-zA-Z]{9} +\S+ +\S+ +\S+ +(?P<size>[0-9]{1,18})"
    r" [A-Z][a-z]{2} [ 0-9][0-9] (?:[0-9]{2}:[0-9]{2}| [0-9]{4}) (?P<name>[A-Za-z0-9_.-]+)"
)
"""As ``ls -ln`` of sftp writes it, which does so itself from what the server says of each file."""


class SftpPlace:
    """A ``Place``. A file counts as complete when a later look finds it as large as an earlier one did."""

    def __init__(self, client: SftpClient) -> None:
        self._client = client
        self._seen: dict[str, tuple[int, int]] = {}
        """Size, and since when it has been so large."""

    def look(self, now_us: int) -> Offers:
        try:
            with self._client.ran(["ls -ln"]) as (told, _):
                lines = [found for line in told.splitlines() if (found := _LINE.fullmatch(line.rstrip()))]
        except CommandFailed as error:
            raise PlaceUnusable(f"sftp: {error}") from None
        there = {found["name"] for found in lines}
        seen: dict[str, tuple[int, int]] = {}
        offers: list[Offer] = []
        for found in lines:
            text, size = found["name"], int(found["size"])
            parsed, fault = _parsed(text, found["type"], size)
            if (parsed is not None or fault is not None) and len(seen) < MOST:
                before = self._seen.get(text)
                seen[text] = before if before is not None and before[0] == size else (size, now_us)
                waited_us = now_us - seen[text][1]
                signed = text + name.SIGNATURE in there
                offers.append(Offer(text, (size,), signed, waited_us, parsed, fault))
        self._seen = seen
        complete = [offer for offer in offers if offer.fault is not None or offer.waited_us >= SETTLED_US]
        return Offers(tuple(complete), growing=len(complete) < len(offers))

    def take(self, offer: Offer) -> tuple[BinaryIO, bytes | None]:
        (size,) = offer.version
        commands = [f"get {offer.text}", *[f"get {offer.text}{name.SIGNATURE}"] * offer.signed]
        snapshot.check_space(self._client.spool, size)
        try:
            with self._client.ran(commands, size + minisign.LARGEST) as (_, fetched):
                signature = None
                if offer.signed:
                    with (fetched / (offer.text + name.SIGNATURE)).open("rb") as signed:
                        signature = signed.read(minisign.LARGEST + 1)
                file = (fetched / offer.text).open("rb")
        except CommandFailed as error:
            raise PlaceUnusable(f"sftp: {error}") from None
        # Its name has gone already, and nobody else has it open.
        if file.seek(0, 2) != size:
            file.close()
            raise Changed
        file.seek(0)
        return file, signature

    def remove(self, offer: Offer) -> bool:
        return self._done(f"rm {offer.text}", f"-rm {offer.text}{name.SIGNATURE}")

    def refuse(self, offer: Offer) -> bool:
        return self._done(f"rename {offer.text} {offer.text}{REFUSED}", f"-rm {offer.text}{name.SIGNATURE}")

    def drop_refused(self, now_us: int) -> None:
        """They are on the library's own server, and its business."""

    def _done(self, *commands: str) -> bool:
        try:
            with self._client.ran(commands):
                return True
        except CommandFailed:
            return False


def _parsed(text: str, type: str, size: int) -> tuple[FeedName | None, BadFile | None]:
    try:
        parsed = name.parse(text)
    except BadFile as fault:
        return None, fault
    if parsed is not None and type != "-":
        return None, BadFile(Cause.NOT_A_FILE, "it is a link, a folder or a device, and no file")
    if parsed is not None and size > snapshot.LARGEST:
        return None, snapshot.too_large()
    return parsed, None
