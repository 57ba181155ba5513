"""The floor under a swipe: the same work in C, with nothing around it."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.branch import card

SOURCE = Path(__file__).with_name("floor.c")


def build(folder: Path) -> Path:
    program = folder / "floor"
    subprocess.run(["gcc", "-O2", "-Wall", "-o", str(program), str(SOURCE), "-lsqlite3"], check=True)
    return program


def make_members(path: Path, members: int) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE member (card TEXT PRIMARY KEY) WITHOUT ROWID")
        database.executemany("INSERT INTO member VALUES (?)", ((card(number),) for number in range(members)))
        database.commit()


@contextmanager
def running(
    program: Path, line: str, members: Path, journal: Path, through: str, pins: Path
) -> Iterator[None]:
    process = subprocess.Popen([program, line, members, journal, through, pins])
    try:
        yield
    finally:
        process.terminate()
        process.wait()
