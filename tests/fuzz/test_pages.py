"""The staff pages over HTTP, before anybody is logged in: what whoever reaches the port can send."""

from __future__ import annotations

import http.client
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator.branch import Branch, Plan
from simulator.waiting import wait_until

if TYPE_CHECKING:
    from conftest import Hostile

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(1800)]

LIMIT_S = 30
LONGEST_LINE = 10_000
FORM = b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\n"
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name=file; filename="m.csv"\r\n\r\ncard\n1\n\r\n--b--\r\n'
)
REQUESTS = [
    b"GET /account/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=x; csrftoken=y\r\n\r\n",
    FORM
    + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 21\r\n\r\nusername=a&password=b",
    FORM
    + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n" % len(MULTIPART)
    + MULTIPART,
    FORM + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET /footage/film/entrance/1 HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-5,9-\r\n\r\n",
    b"GET /today/stream?after=1&x=%ff HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n",
    b"HEAD /static/x.css HTTP/1.0\r\nHost: localhost\r\nX-Forwarded-For: 1.2.3.4, ::1\r\n\r\n",
]
MARKS = [
    *(b"\r\n", b"\r", b"\n", b": ", b"%00", b"%2e%2e/", b"..//", b"\0", b"\xff", b";", b",", b"?", b"&"),
    *(b"Host: [::1", b"Content-Length: -1\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Expect: 100-continue\r\n", b"X-Forwarded-Host: x\r\n", b"HTTP/1.0", b"HTTP/9", b"a" * 9000),
]
ANSWER_S = 0.2
"""An unfinished request is not answered, so nobody waits for that."""
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) ")


@pytest.fixture(scope="module")
def pages() -> Iterator[tuple[int, Path]]:
    """The console as it ships, by itself: its port, and its log."""
    folder = Path(tempfile.mkdtemp(prefix="unlocked-test-"))
    with Branch(folder, Plan(broker=None, pages=True)) as branch:
        log = folder / "console.log"
        with log.open("wb") as output:
            console = subprocess.Popen(
                [sys.executable, "-m", "controller", "console", "-c", str(branch.layout.config)],
                env={**os.environ, "CREDENTIALS_DIRECTORY": str(branch.paths.secrets)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            address = re.compile(r"the staff pages are at http://[^:]+:(\d+)")
            wait_until(lambda: address.search(log.read_text()) is not None, LIMIT_S, "pages")
            found = address.search(log.read_text())
            assert found is not None
            yield int(found[1]), log
            assert console.poll() is None
        finally:
            console.terminate()
            console.wait(LIMIT_S)
    shutil.rmtree(folder)


def test_the_staff_pages_outlive_whatever_they_are_sent(pages: tuple[int, Path], hostile: Hostile) -> None:
    port, log = pages
    seen: set[bytes] = set()
    for document in hostile.documents(REQUESTS, MARKS, share=6):
        with socket.create_connection(("127.0.0.1", port), LIMIT_S) as wire, suppress(ConnectionError):
            wire.sendall(document + b"\r\n\r\n")
            if select.select([wire], [], [], ANSWER_S)[0]:
                found = STATUS.findall(wire.recv(65536))
                # What a method or a transfer is that it does not know, it says so; no other fault is its own.
                assert not {status for status in found if status >= b"500"} - {b"501"}, document
                seen.update(found)
    assert seen
    with socket.create_connection(("127.0.0.1", port), LIMIT_S) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: stranger.example\r\n\r\n")
        assert b" 400 " in wire.recv(65536)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT_S)
    connection.request("GET", "/account/login/", headers={"Host": "localhost"})
    assert connection.getresponse().status == 200
    connection.close()
    said = log.read_text()
    assert "Invalid HTTP_HOST header" in said
    assert "Traceback" not in said, said[-3000:]
    assert all(len(line) < LONGEST_LINE for line in said.splitlines())
