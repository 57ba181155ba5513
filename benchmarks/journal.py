"""What a journal costs: appending with chain and sealed boxes against plain rows, and verifying a million."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from benchmarks.options import Options
from benchmarks.rows import Row, Spread
from controller.core.event import EventType, NewEvent, Stamp, event_id
from controller.core.journal_head import JournalHead
from controller.secrets.identity import Sealer
from controller.secrets.journal_key import JournalKey
from controller.secrets.signed_note import Note
from controller.store.journal import Journal
from controller.store.signed_heads import SignedHeadsReader, Signing
from controller.store.verification import Heads
from controller.store.verify import verify

NOW = Stamp(1_795_219_200_000_000, 1_000_000, "this-boot", True)
DATA = {"reader": "in", "category": "adult", "mode": "unstaffed"}
TEXT = '{"category":"adult","mode":"unstaffed","reader":"in"}'
MOST_APPENDS = 2_000
TOGETHER = 64
"""As many as the door writes in one transaction at most."""
FILL = 500
CHECKPOINT_AFTER = 20
TIMES_PLAIN = 2.0
VERIFY_S = 30.0
SIGN_US = 1_000.0
SIGNED = 200
_PLAIN = """CREATE TABLE event (
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, type TEXT, wall_us INTEGER, mono_us INTEGER, boot_id TEXT,
    clock_trusted INTEGER, subject TEXT, data TEXT
) STRICT"""


def run(folder: Path, options: Options) -> Iterator[Row]:
    appends = min(options.swipes, MOST_APPENDS)
    plain = _plain(folder / "plain.db", appends)
    yield Row(f"{appends:,} events in plain SQLite, a sync each", _rate(plain))
    chained = _append(folder / "chained" / "journal.db", appends, private={})
    yield Row("the same in a journal: chain, indexes", _rate(chained))
    sealed = _append(folder / "sealed" / "journal.db", appends, private={"card": b"21111000000018"})
    yield Row("the same, each with a sealed card number", _rate(sealed))
    times = Spread.of(sealed).p50 / Spread.of(plain).p50
    aim = f"{TIMES_PLAIN:.0f} x"
    yield Row("against plain SQLite, p50", f"{times:.2f} x", aim, times <= TIMES_PLAIN)
    together = _together(folder / "together" / "journal.db", appends)
    yield Row(f"the same, {TOGETHER} in a transaction", f"{together:,.0f} events/s")
    yield _signing(folder / "signed" / "journal.db")
    yield from _verifying(folder / "long" / "journal.db", options.events)


def _event(private: dict[str, bytes]) -> NewEvent:
    return NewEvent(EventType.ACCESS_GRANTED, "front", NOW, DATA, private)


def _plain(file: Path, count: int) -> list[float]:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "wal_autocheckpoint = 0",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(_PLAIN)
    sample_us = []
    for seq in range(1, count + 1):
        began_ns = time.perf_counter_ns()
        connection.execute("BEGIN IMMEDIATE")
        row = (seq, event_id(NOW.wall_us, random.getrandbits(74)), "access.granted")
        connection.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, NOW.wall_us, NOW.mono_us, NOW.boot_id, 1, "front", TEXT),
        )
        connection.execute("COMMIT")
        sample_us.append((time.perf_counter_ns() - began_ns) / 1000)
    connection.close()
    return sample_us


def _append(file: Path, count: int, private: dict[str, bytes]) -> list[float]:
    journal = Journal.open(
        file, service="door", stamp=NOW, seal=Sealer(X25519PrivateKey.generate().public_key())
    )
    sample_us = []
    for _ in range(count):
        began_ns = time.perf_counter_ns()
        journal.append([_event(private)])
        sample_us.append((time.perf_counter_ns() - began_ns) / 1000)
    journal.close()
    return sample_us


def _together(file: Path, count: int) -> float:
    journal = Journal.open(
        file, service="door", stamp=NOW, seal=Sealer(X25519PrivateKey.generate().public_key())
    )
    began = time.perf_counter()
    for _ in range(-(-count // TOGETHER)):
        journal.append([_event({"card": b"21111000000018"})] * TOGETHER)
    took_s = time.perf_counter() - began
    journal.close()
    return -(-count // TOGETHER) * TOGETHER / took_s


def _signing(file: Path) -> Row:
    """Beside the events: it waits for no disk."""
    signing = Signing(JournalKey.generate("org", "branch", "door"), lambda: NOW)
    journal = Journal.open(file, service="door", stamp=NOW, signing=signing)
    sample_us = []
    for _ in range(SIGNED):
        journal.append([_event({})])
        began_ns = time.perf_counter_ns()
        journal.sign_head(at_once=True)
        sample_us.append((time.perf_counter_ns() - began_ns) / 1000)
    journal.close()
    spread = Spread.of(sample_us)
    return Row("signing a head", str(spread), f"p50 under {SIGN_US:,.0f} us", spread.p50 < SIGN_US)


def _verifying(file: Path, events: int) -> Iterator[Row]:
    """A journal with a sealed box in every fourth event, and all heads that were signed kept elsewhere."""
    key = JournalKey.generate("org", "branch", "door")
    journal = Journal.open(
        file,
        service="door",
        stamp=NOW,
        seal=Sealer(X25519PrivateKey.generate().public_key()),
        signing=Signing(key, lambda: NOW),
        synchronous="NORMAL",
    )
    page = [_event({"card": b"21111000000018"} if n % 4 == 0 else {}) for n in range(FILL)]
    for turn in range(events // FILL):
        journal.append(page)
        journal.sign_head(at_once=True)
        if turn % CHECKPOINT_AFTER == 0:
            journal.checkpoint()
    journal.checkpoint()
    journal.close()
    reader = SignedHeadsReader(file)
    witnessed = [JournalHead.parse(Note.parse(note.encode()).text) for note in reader.all()]
    reader.close()
    began, began_cpu = time.perf_counter(), time.process_time()
    found = verify(file, heads=Heads(witnessed))
    took_s, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    if not found.ok or found.witnessed_seq != found.last_seq:
        raise LookupError(f"the journal is not whole: {found}")
    aim = f"a million in {VERIFY_S:.0f} s"
    met = took_s <= VERIFY_S * events / 1_000_000 if events >= 1_000_000 else None
    yield Row(f"journal of {found.events:,} events", f"{file.stat().st_size / 1e6:,.0f} MB")
    yield Row("verifying it", f"{took_s:.1f} s, {cpu_s:.1f} s of CPU", aim, met)


def _rate(sample_us: Sequence[float]) -> str:
    return f"{Spread.of(sample_us)} = {1e6 * len(sample_us) / sum(sample_us):,.0f} a second"
