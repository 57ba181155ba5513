"""Destroying, part by part, what a branch keeps: what tells of people first, the keys last.

Each part may be done again: a run that ends half-way is taken up by the next one, which finds what is left.
The staff's journal says that it began, with what was found then, and that it is done. Never here: whether it
may be done (``looking``), the certificate that people keep (``certificate``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from controller.core.certificate import DECOMMISSIONED
from controller.core.decommission import Part
from controller.core.event import CONTROLLER, Event, EventType, JsonValue, NewEvent, Stamp
from controller.core.hold import OF_JOURNAL, Category
from controller.decommission import footage, inventory
from controller.decommission.inventory import Found
from controller.keeping.opening import clock_source, edge_rule
from controller.keeping.shredding import shred
from controller.secrets import credentials
from controller.secrets.credentials import SecretMissing
from controller.secrets.journal_key import JournalKey
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.store.engine import DatabaseMissing, DatabaseUnusable
from controller.store.journal import Journal
from controller.store.journal_reader import JournalReader
from controller.store.journal_rows import Rows
from controller.store.signed_heads import Signing

Now = Callable[[], Stamp]
Told = Callable[[Part, int], None]
"""Of a part, how many more files or things are gone."""
BEGUN, DONE = EventType.BRANCH_DECOMMISSION_STARTED, EventType.BRANCH_DECOMMISSIONED


def last_begun(settings: Settings) -> tuple[Event | None, Event | None]:
    """The decommissioning that was begun last, and its end; None where there is none.

    Raises DatabaseUnusable.
    """
    reader = JournalReader(Paths.of(settings).journal("console"))
    try:
        begun = reader.last(BEGUN)
        done = None if begun is None else reader.last(DONE, started=begun.id)
    except DatabaseMissing:
        return None, None
    finally:
        reader.close()
    return begun, done


def handed_over(begun: Event) -> dict[str, str]:
    """What was, with the reference of the receipt."""
    said = begun.data["handed_over"]
    return {id: str(reference) for id, reference in said.items()} if isinstance(said, dict) else {}


def begin(
    settings: Settings,
    found: Mapping[Part, Found],
    handed_over: Mapping[str, str],
    who: Mapping[str, JsonValue],
    now: Now,
) -> Event:
    """Say in the staff's journal what is about to be destroyed. Raises JournalUnavailable."""
    data: dict[str, JsonValue] = {
        "found": {part.value: found[part].things for part in Part},
        "handed_over": dict(sorted(handed_over.items())),
        "clock": clock_source(settings),
        "policy": edge_rule(settings, Category.STAFF_ACTIONS).policy,
        **who,
    }
    with _journal(settings, "console", now) as journal:
        return journal.append([NewEvent(BEGUN, CONTROLLER, now(), data)])[0]


def destroy(settings: Settings, begun: Event, now: Now, told: Told) -> None:
    """Everything but the records that stay and the keys that sign. Raises JournalUnavailable,
    DatabaseUnusable, NotShredded and OSError; then call it again.
    """
    paths, site = Paths.of(settings), settings.branch.branch
    said: dict[str, JsonValue] = {"policy": begun.data["policy"], "clock": begun.data["clock"]}
    said["decommission"] = begun.id
    if inventory.files_by_part(settings)[Part.FOOTAGE]:
        with _journal(settings, "recorder", now) as journal:
            footage.destroy(paths, journal, site, said, now, lambda count: told(Part.FOOTAGE, count))
    _forget_memberships(settings, said, now, told)
    for service in JOURNALS:
        if paths.journal(service).exists():
            _empty_boxes(settings, service, said, now, told)
    files = inventory.files_by_part(settings)
    for part in (Part.FOOTAGE, Part.ACCOUNTS, Part.COPIES, Part.WORKING_FILES):
        _shred(part, files[part], told)
    _shred(Part.KEYS, (file for file in files[Part.KEYS] if not inventory.signs(file)), told)


def finish(settings: Settings, begun: Event, who: Mapping[str, JsonValue], now: Now) -> Event:
    """Look once more, say that it is done, and sign the heads of all journals for the last time."""
    left = inventory.look(settings)
    signing = list(filter(inventory.signs, left[Part.KEYS].files))
    counts: dict[str, JsonValue] = {part.value: left[part].things for part in Part}
    counts[Part.KEYS.value] = len(left[Part.KEYS].files) - len(signing)
    data: dict[str, JsonValue] = {"started": begun.id, "left": counts, **who}
    for service in JOURNALS:
        if service != "console" and Paths.of(settings).journal(service).exists():
            with _journal(settings, service, now):
                pass  # it signs its head when it is closed
    with _journal(settings, "console", now) as journal:
        return journal.append([NewEvent(DONE, CONTROLLER, now(), data)])[0]


def destroy_signing_keys(settings: Settings, told: Told) -> None:
    """The last thing that is done, and of it last the key that signed the certificate. Raises NotShredded."""
    files = inventory.files_by_part(settings)[Part.KEYS]
    _shred(Part.KEYS, sorted(files, key=lambda file: credentials.EXPORT_SIGNING_KEY in file.name), told)


def _forget_memberships(settings: Settings, said: dict[str, JsonValue], now: Now, told: Told) -> None:
    files = inventory.files_by_part(settings)[Part.MEMBERSHIPS]
    if not files and not Paths.of(settings).journal("membership").exists():
        return
    count = inventory.look(settings)[Part.MEMBERSHIPS].things or 0
    site, category = settings.branch.branch, Category.MEMBERSHIPS.value
    with _journal(settings, "membership", now) as journal:
        unfinished = journal.read(Rows.without_certificate)
        begun = [event for event in unfinished if event.data.get("category") == category]
        if not begun and not files:
            return
        if not begun:
            data: dict[str, JsonValue] = {
                "category": category,
                "basis": DECOMMISSIONED,
                "count": count,
                **said,
            }
            begun = journal.append([NewEvent(EventType.DISPOSAL_STARTED, site, now(), data)])
        _shred(Part.MEMBERSHIPS, files, told)
        for one in begun:
            certificate: dict[str, JsonValue] = {**one.data, "started": one.id, "method": "overwrite"}
            journal.append([NewEvent(EventType.DISPOSAL_CERTIFICATE, site, now(), certificate)])


def _empty_boxes(settings: Settings, service: str, said: dict[str, JsonValue], now: Now, told: Told) -> None:
    """The sealed card numbers of a journal go; its events stay, and the chain goes on proving them."""
    count = 0

    def act(rows: Rows) -> NewEvent:
        boxes, last = rows.boxes()
        rows.destroy_boxes([(1, last)])
        certificate: dict[str, JsonValue] = {
            "category": OF_JOURNAL[service].value,
            "basis": DECOMMISSIONED,
            "count": boxes,
            "event_seqs": [],
            "box_seqs": [[1, last]],
            "method": "overwrite",
            **said,
        }
        return NewEvent(EventType.DISPOSAL_CERTIFICATE, settings.branch.branch, now(), certificate)

    with _journal(settings, service, now) as journal:
        count = journal.read(Rows.boxes)[0]
        if count:
            journal.destroy(act)
            told(Part.SEALED_CARDS, count)
        if not journal.checkpoint():
            raise DatabaseUnusable(f"{journal.path}: somebody reads it; end that, and run this again")


def _shred(part: Part, files: Iterable[Path], told: Told) -> None:
    for file in files:
        if file.is_file() and not file.is_symlink():
            # Under another name: the next run must not take half of a database for a damaged one.
            going = file.with_name(f"{inventory.GOING}{file.name.removeprefix(inventory.GOING)}")
            file.rename(going)
            shred(going)
        else:
            file.unlink(missing_ok=True)  # a socket or a link has no content
        told(part, 1)


@contextmanager
def _journal(settings: Settings, service: str, now: Now) -> Iterator[Journal]:
    """Open as its owner opens it, with the key that signs its heads if that is still there."""
    paths, name = Paths.of(settings), credentials.journal_key(service)
    signing = None
    with suppress(SecretMissing):  # a branch may be older than these keys
        signing = Signing(JournalKey.of(credentials.read(name, paths.secrets), name), now)
    journal = Journal.open(paths.journal(service), service=service, stamp=now(), signing=signing)
    try:
        yield journal
    finally:
        journal.close()
