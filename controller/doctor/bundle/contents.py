"""What goes into a support bundle, file by file, to be listed before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from controller.doctor.bundle import events_shown, hiding, machine_shown
from controller.doctor.bundle.guard import guarded
from controller.doctor.bundle.settings_shown import Shown, shown
from controller.doctor.context import Context, NoSettings
from controller.doctor.finding import Finding
from controller.settings.paths import JOURNALS
from controller.store.engine import DatabaseUnusable
from controller.store.reader import Reader

README = """\
What this is: a support bundle of a library branch that is open while no staff are in it, made by
`unlocked doctor --bundle`. It holds no log, no secret, no card number, and nothing about anybody:
who came or was refused, who looked at footage, who works here. Of texts in the settings that
somebody wrote it says only that they are set. Docs: docs/doctor.md of the controller.

"""


@dataclass(frozen=True, slots=True)
class Content:
    """A file of the bundle. what: is in it, in a line."""

    name: str
    what: str
    text: str


def contents(context: Context, found: Sequence[Finding]) -> tuple[Content, ...]:
    """All of it. What cannot be read says so in its place."""
    try:
        settings = list(shown(context.settings))
    except NoSettings:
        settings = []
    files = (
        _file(
            "findings.txt",
            "what the doctor found, without hosts, paths and names",
            hiding.without(found, settings),
        ),
        _file(
            "settings.txt",
            "numbers and switches of the settings; of texts, whether they are set",
            _settings(settings),
        ),
        _file(
            "versions.txt",
            "releases of the controller, its libraries and the system",
            machine_shown.versions(context),
        ),
        _file("machine.txt", "memory, load, disks, how long it has run", machine_shown.machine(context)),
        _file("units.txt", "the state of each unit of systemd", machine_shown.units(context)),
        _file("totals.txt", "how many events of each type each journal has", _totals(context)),
        *(
            _file(
                f"events-{service}.txt",
                f"the last {events_shown.LAST} events about devices and services in the journal of {service}",
                _events(context, service),
            )
            for service in JOURNALS
        ),
    )
    listed = "\n".join(f"{one.name:22} {one.what}" for one in files)
    return (Content("README.txt", "what this is", f"{README}{listed}\n"), *files)


def _file(name: str, what: str, lines: Iterable[str]) -> Content:
    return Content(name, what, f"{guarded(chr(10).join(lines))}\n")


def _settings(settings: Sequence[Shown]) -> Iterator[str]:
    if not settings:
        yield "(the settings cannot be used)"
    for one in settings:
        yield f"{one.key} = {one.value}"


def _totals(context: Context) -> Iterator[str]:
    for service in JOURNALS:
        yield f"# {service}"
        with closing(Reader(context.paths.journal(service))) as reader:
            try:
                for type_, count in events_shown.counted(reader).items():
                    yield f"{type_} {count}"
            except DatabaseUnusable as error:
                yield _cannot(error)


def _events(context: Context, service: str) -> Iterator[str]:
    try:
        settings = context.settings
    except NoSettings:
        settings = None
    try:
        yield from events_shown.last(context.journal(service), settings)
    except DatabaseUnusable as error:
        yield _cannot(error)


def _cannot(error: DatabaseUnusable) -> str:
    """By its kind alone: its text has paths."""
    return f"(cannot be read: {type(error).__name__})"
