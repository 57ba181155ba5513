from __future__ import annotations

import threading
from typing import Any

from controller.console.web.handles import Handles, Lending


def test_one_thread_after_the_other_reads_with_the_same_handles(console: Any) -> None:
    lending, seen = Lending(console.branch.paths), list[Handles]()

    def answer() -> None:
        seen.append(lending.handles())
        assert lending.handles() is seen[-1]
        lending.give_back()

    for _ in range(3):
        thread = threading.Thread(target=answer)
        thread.start()
        thread.join()
    assert len(set(map(id, seen))) == 1


def test_two_at_once_never_share_theirs(console: Any) -> None:
    lending, both = Lending(console.branch.paths), threading.Barrier(2, timeout=10)
    seen = list[Handles]()

    def answer() -> None:
        seen.append(lending.handles())
        both.wait()
        lending.give_back()

    threads = [threading.Thread(target=answer) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, seen))) == 2


def test_what_a_page_was_lent_is_given_back(console: Any) -> None:
    client = console.client("desk")
    client.get("/timeline/")
    lent = console.branch._lending.handles()
    console.branch.give_back()
    client.get("/timeline/")
    assert console.branch._lending.handles() is lent
