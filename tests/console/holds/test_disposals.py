"""What is due next, what is overdue, and the certificates of what went."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from controller.console.holds import certificates
from controller.console.holds.disposals import Line, disposals
from controller.core.event import EventType, JsonValue, NewEvent
from controller.core.hold import DAY_US, Category
from controller.store.footage import Footage, Segment

NOW_US = 1_790_000_000_000_000
HOUR_US = 3_600_000_000


def lines(console: Any) -> dict[Category, Line]:
    branch = console.branch
    found = disposals(branch.settings, branch.journal, branch.footage(), branch.registers())
    return {line.category: line for line in found}


def certify(console: Any, service: str, category: str, count: int, before_s: float = 0) -> str:
    data: dict[str, JsonValue] = {"category": category, "count": count, "started": "", "held_by": {}}
    (event,) = console.write(
        service, [NewEvent(EventType.DISPOSAL_CERTIFICATE, "branch", console.stamp(before_s), data)]
    )
    return str(event.id)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_branch_that_has_just_begun(console: Any) -> None:
    found = lines(console)
    assert list(found) == list(Category)
    assert all(line.next_us is None and line.last is None for line in found.values())
    assert found[Category.ACCESS_EVENTS].rule
    page = text(console.client("desk").get("/holds/disposals/"))
    assert "Nothing that is due is held" in page
    assert "Nothing was destroyed yet" in text(console.client("desk").get("/holds/disposals/certificates/"))


def test_the_oldest_says_what_is_due_next(console: Any) -> None:
    console.write("door", [NewEvent(EventType.DOOR_LOCKED, "front", console.stamp(30 * 86_400))])
    console.write("door", [NewEvent(EventType.ACCESS_GRANTED, "front", console.stamp(86_400))])
    start_us = NOW_US - 3 * DAY_US
    with closing(Footage.open(console.branch.paths.footage)) as footage:
        footage.add_segment(
            Segment("a" * 36, "entrance", "a.mp4", start_us, start_us + 1, 1, "boot", True, 1, bytes(32))
        )
    found = lines(console)
    next_us = found[Category.ACCESS_EVENTS].next_us
    assert next_us is not None
    assert 88 * DAY_US < next_us - NOW_US < 91 * DAY_US, "what a service reads its state from stays"
    assert found[Category.FOOTAGE].next_us == start_us + 1 + 14 * DAY_US


def test_what_is_overdue_counts_until_its_owner_says_otherwise(console: Any) -> None:
    data: dict[str, JsonValue] = {"category": "footage", "count": 7}
    console.write("recorder", [NewEvent(EventType.RETENTION_OVERDUE, "branch", console.stamp(60), data)])
    assert lines(console)[Category.FOOTAGE].overdue == 7
    assert "Overdue: 7 files of footage" in text(console.client("desk").get("/holds/disposals/"))
    certificate = certify(console, "recorder", "footage", 7)
    line = lines(console)[Category.FOOTAGE]
    assert line.overdue == 0
    assert line.last is not None
    assert (line.last.certificate, line.last.count) == (certificate, 7)


def test_certificates_are_paged_across_journals_without_a_gap(
    console: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "PAGE", 7)
    made = set()
    for n in range(20):
        service, category = ("door", "access_events") if n % 3 else ("recorder", "footage")
        made.add(certify(console, service, category, n, 1000 - n))
    seen: list[str] = []
    beyond: Any = {}
    while beyond is not None:
        page = certificates.page(console.branch.journal, None, beyond)
        times = [one.wall_us for one in page.found]
        assert times == sorted(times, reverse=True)
        seen += [one.id for one in page.found]
        beyond = page.beyond
    assert len(seen) == len(set(seen))
    assert set(seen) == made
    client, address, links = console.client("auditor"), "/holds/disposals/certificates/", 0
    while address:
        page_text = client.get(address).content.decode()
        links += page_text.count('scope="row"')
        _, _, rest = page_text.partition('rel="next" href="?')
        query = rest.partition('"')[0].replace("&amp;", "&")
        address = f"/holds/disposals/certificates/?{query}" if query else ""
    assert links == 20
    of_doors = client.get("/holds/disposals/certificates/?category=access_events").content.decode()
    assert "/door/" in of_doors
    assert "/recorder/" not in of_doors


def test_a_certificate_is_found_in_its_own_journal_alone(console: Any) -> None:
    made = certify(console, "door", "access_events", 1)
    client = console.client("auditor")
    assert client.get(f"/holds/disposals/certificates/door/{made}/").status_code == 200
    for service in ("recorder", "..", "nobody"):
        assert client.get(f"/holds/disposals/certificates/{service}/{made}/").status_code == 404
