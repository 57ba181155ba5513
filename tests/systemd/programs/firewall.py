"""Says who reaches whom under the rules in a file: ``from to port: reached``, ``refused`` or ``silence``.

Runs in network and mount namespaces of its own, as root. This end is the Pi, 192.0.2.250; the other end of
its one wire, in a namespace beside it, has the addresses of everybody else.
"""

import ctypes
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PI = "192.0.2.250"
STAFF, CAMERA, BROKER, LMS, BACKUPS, PUBLIC = (f"192.0.2.{at}" for at in (5, 70, 130, 131, 132, 200))
OTHERS = {
    STAFF: "staff",
    CAMERA: "camera",
    BROKER: "broker",
    LMS: "lms",
    BACKUPS: "backups",
    PUBLIC: "public",
}
SERVICES = ("door", "recorder", "membership", "uplink", "console", "backup")
TARGETS = ((CAMERA, 554), (BROKER, 8883), (LMS, 6001), (LMS, 443), (PUBLIC, 443), (STAFF, 22), (BACKUPS, 22))
FIRST_UID = 64_100
SILENCE_S = 3.0
"""What is dropped is not answered: so long is waited, for all of them together."""
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def enter(namespace: int) -> None:
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@contextmanager
def outside(world: int, home: int) -> Iterator[None]:
    """In the other namespace: sockets that are made there stay there."""
    enter(world)
    try:
        yield
    finally:
        enter(home)


def listen(address: str, *ports: int) -> list[socket.socket]:
    return [socket.create_server((address, port)) for port in ports]


def begin(source: str, target: str, port: int) -> socket.socket:
    wire = socket.socket()
    wire.setblocking(False)
    wire.bind((source, 0))
    wire.connect_ex((target, port))
    return wire


def outcome(wire: socket.socket, deadline_s: float) -> str:
    with wire:
        _, answered, _ = select.select([], [wire], [], max(0, deadline_s - time.monotonic()))
        if not answered:
            return "silence"
        return "refused" if wire.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) else "reached"


def reach(source: str, target: str, port: int) -> str:
    return outcome(begin(source, target, port), time.monotonic() + SILENCE_S)


def as_user(uid: int, ask: Callable[[], str]) -> str:
    """What this user is told."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgid(uid)
        os.setuid(uid)
        os.write(write_end, ask().encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def main(rules: Path) -> None:
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    run("ip", "netns", "add", "world")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", "world")
    run("ip", "address", "add", f"{PI}/24", "dev", "wire")
    run("ip", "link", "set", "wire", "up")
    for address in OTHERS:
        run("ip", "-n", "world", "address", "add", f"{address}/24", "dev", "wire")
    run("ip", "-n", "world", "link", "set", "wire", "up")
    home, world = (os.open(name, os.O_RDONLY) for name in ("/proc/self/ns/net", "/run/netns/world"))
    with outside(world, home):
        theirs = listen("0.0.0.0", 22, 443, 554, 6001, 8883)
    ours = listen("0.0.0.0", 22, 80, 443, 8080)
    before = reach(PI, PUBLIC, 443)
    print(f"nobody has rules yet: {before}")
    run("nft", "-f", str(rules))
    run("nft", "-f", str(rules))  # once more changes nothing
    with outside(world, home):
        tried = {
            f"{who} pi {port}": begin(address, PI, port)
            for address, who in OTHERS.items()
            for port in (22, 80, 443, 8080)
        }
    deadline_s = time.monotonic() + SILENCE_S
    for way, wire in tried.items():
        print(f"{way}: {outcome(wire, deadline_s)}")
    print(f"pi pi 8080: {reach('127.0.0.1', '127.0.0.1', 8080)}")
    print(f"root public 443: {reach(PI, PUBLIC, 443)}")
    for number, service in enumerate(SERVICES):
        for address, port in TARGETS:
            said = as_user(FIRST_UID + number, lambda a=address, p=port: reach(PI, a, p))
            print(f"{service} {OTHERS[address]} {port}: {said}")
    for listener in (*theirs, *ours):
        listener.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
