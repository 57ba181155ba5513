"""Who is at the other end of a Unix socket, on the kernel's word."""

from __future__ import annotations

import os
import pwd
import socket
import struct

_CREDENTIALS = struct.Struct("3i")


def peer_uid(connection: socket.socket) -> int:
    """The user that the other process ran as when it connected or began to listen (unix(7), SO_PEERCRED)."""
    _pid, uid, _gid = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return int(uid)


def user_name(uid: int) -> str:
    """The user's name, or the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def uids_of(*users: str) -> frozenset[int]:
    """root's, our own and those of ``users`` that exist on this machine."""
    found = {0, os.geteuid()}
    for user in users:
        try:
            found.add(pwd.getpwnam(user).pw_uid)
        except KeyError:
            continue
    return frozenset(found)
