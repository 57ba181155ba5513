"""``python -m benchmarks.console_clicks PORT``: staff who click, a cookie a line of standard input each.

Each looks at a page, thinks for about a second, and goes on to what the page leads to, and has Today open in
another window, which is told of every swipe. Until it is ended.
"""

from __future__ import annotations

import random
import re
import sys
import threading
import time
from http.client import HTTPConnection

THINKING_S = (0.5, 1.5)
_LINK = re.compile(rb'href="((?:/timeline/)?\?[^"]*|/events/[^"]+|/timeline/)"')


def click(port: int, cookie: str, number: int) -> None:
    draw, path = random.Random(number), "/timeline/"
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    while True:
        connection.request("GET", path, headers={"Cookie": cookie, "Host": "localhost"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} answers {answer.status}")
        links = [found.decode().replace("&amp;", "&") for found in _LINK.findall(body)]
        path = draw.choice(links or ["/timeline/"])
        path = f"/timeline/{path}" if path.startswith("?") else path
        time.sleep(draw.uniform(*THINKING_S))


def watch(port: int, cookie: str) -> None:
    """Today, kept up to date."""
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/today/stream/", headers={"Cookie": cookie, "Host": "localhost"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"/today/stream/ answers {answer.status}")
        while answer.readline():
            pass
        connection.close()


def main() -> None:
    port = int(sys.argv[1])
    for number, cookie in enumerate(sys.stdin.read().split("\n")):
        if cookie:
            threading.Thread(target=click, args=(port, cookie, number), daemon=True).start()
            threading.Thread(target=watch, args=(port, cookie), daemon=True).start()
    threading.Event().wait()


main()
