"""A folder of this machine in which files of a feed appear.

Whoever can write into it is trusted no further: nothing is followed out of it, only regular files of the
folder's own owner are opened, and what is read is a copy that nobody can change meanwhile.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from controller.membership.feed import name, snapshot
from controller.membership.feed.place import REFUSED, Changed, Offer, Offers, PlaceUnusable
from controller.membership.feed.refusal import BadFile, Cause
from controller.secrets import minisign

SETTLED_US = 30_000_000
"""A file that has not changed for so long is complete."""
KEPT_US = 7 * 24 * 3_600_000_000
"""How long a refused file is kept."""
MOST = 1_000
"""Files that are looked at: more are no feed."""


class FolderPlace:
    """A ``Place``. spool: a folder of our own, for the copies."""

    def __init__(self, folder: Path, spool: Path) -> None:
        self._folder = folder
        self._spool = spool

    def look(self, now_us: int) -> Offers:
        with self._opened() as folder:
            owners = {os.fstat(folder).st_uid, os.geteuid(), 0}
            names = [text for text in sorted(_names(folder)) if _is_ours(text)][:MOST]
            found = [offer for text in names if (offer := _offer(folder, text, owners, now_us)) is not None]
        files = [offer for offer in found if offer.fault is not None or offer.waited_us >= SETTLED_US]
        return Offers(tuple(files), growing=len(files) < len(found))

    def take(self, offer: Offer) -> tuple[BinaryIO, bytes | None]:
        with self._opened() as folder:
            with _regular(folder, offer.text) as source:
                # Other files may have been imported since it was looked at, which takes minutes.
                _judge_unchanged(source, offer)
                copy = snapshot.taken(source, self._spool)
                try:
                    _judge_unchanged(source, offer)
                except BaseException:
                    copy.close()
                    raise
            try:
                return copy, _signature(folder, offer.text)
            except BaseException:
                copy.close()
                raise

    def remove(self, offer: Offer) -> bool:
        with self._opened() as folder:
            try:
                os.unlink(offer.text, dir_fd=folder)
            except OSError:
                return False
            _forget_signature(folder, offer.text)
        return True

    def refuse(self, offer: Offer) -> bool:
        with self._opened() as folder:
            try:
                os.rename(offer.text, offer.text + REFUSED, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                return False
            _forget_signature(folder, offer.text)
        return True

    def drop_refused(self, now_us: int) -> None:
        with self._opened() as folder:
            for text in _names(folder):
                with suppress(OSError):
                    if text.endswith(REFUSED) and _is_ours(text.removesuffix(REFUSED)):
                        # By when it was renamed, which nobody can set.
                        since_us = os.stat(text, dir_fd=folder, follow_symlinks=False).st_ctime_ns // 1000
                        if now_us - since_us > KEPT_US:
                            os.unlink(text, dir_fd=folder)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise PlaceUnusable(f"{self._folder}: {error.strerror}") from None
        try:
            yield folder
        finally:
            os.close(folder)


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _is_ours(text: str) -> bool:
    """Its name is one of a feed, or was meant to be."""
    try:
        return name.parse(text) is not None
    except BadFile:
        return True


def _offer(folder: int, text: str, owners: set[int], now_us: int) -> Offer | None:
    try:
        status = os.stat(text, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None  # it has gone since
    version = _version(status)
    waited_us = now_us - max(status.st_ctime_ns, status.st_mtime_ns) // 1000
    fault = None
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        fault = BadFile(Cause.NOT_A_FILE, "it is a link, a folder or a device, and no file")
    elif status.st_uid not in owners:
        fault = BadFile(Cause.NOT_A_FILE, "it belongs to somebody else than the folder does")
    elif status.st_size > snapshot.LARGEST:
        fault = snapshot.too_large()
    else:
        try:
            signed = _exists(folder, text + name.SIGNATURE)
            return Offer(text, version, signed, waited_us, name.parse(text))
        except BadFile as error:
            fault = error
    return Offer(text, version, False, waited_us, fault=fault)


def _version(status: os.stat_result) -> tuple[int, ...]:
    """Changes with the content, the owner and the number of names: a link to it, for one."""
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_uid, status.st_nlink)


def _judge_unchanged(opened: BinaryIO, offer: Offer) -> None:
    """Raises Changed."""
    if _version(os.fstat(opened.fileno())) != offer.version:
        raise Changed


def _exists(folder: int, text: str) -> bool:
    try:
        os.stat(text, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


@contextmanager
def _regular(folder: int, text: str) -> Iterator[BinaryIO]:
    """Opened without following or waiting for anything. Raises BadFile, OSError."""
    # Non-blocking, or whoever makes a FIFO between two looks would hold us here.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    with os.fdopen(os.open(text, flags, dir_fd=folder), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise BadFile(Cause.NOT_A_FILE, "it is no file any more")
        yield file


def _forget_signature(folder: int, text: str) -> None:
    with suppress(OSError):
        os.unlink(text + name.SIGNATURE, dir_fd=folder)
    with suppress(OSError):
        os.fsync(folder)


def _signature(folder: int, text: str) -> bytes | None:
    try:
        with _regular(folder, text + name.SIGNATURE) as file:
            return file.read(minisign.LARGEST + 1)
    except (FileNotFoundError, BadFile):
        return None
