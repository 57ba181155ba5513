"""Restoring a backup, step by step: opened, compared with what is in place, made ready, moved.

Never here: asking people, or what a single part needs (the modules beside).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from controller.backup import contents
from controller.backup.packing import Manifest
from controller.backup.restoring import journals, placing, received, registers
from controller.backup.restoring.present import InPlace, in_place, intact, users
from controller.backup.restoring.staging import Staging
from controller.backup.unpacking import BackupUnusable, Unpacked, unpack
from controller.core.event import JsonValue, Stamp
from controller.core.hold import Category
from controller.keeping.edge_rules import CATEGORIES
from controller.keeping.known_holds import KnownHolds
from controller.keeping.opening import clock_source, edge_rule
from controller.keeping.registers_keeper import RegistersKeeper
from controller.secrets import credentials
from controller.secrets.credentials import Secret
from controller.secrets.minisign import BadSignature, PublicKey
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.store.engine import DatabaseUnusable
from controller.store.journal import Journal, JournalUnavailable
from controller.store.journal_reader import JournalReader
from controller.store.registers import RegistersReader

NOTICE_MODE, SETTINGS_MODE, SECRET_MODE = 0o640, 0o644, 0o600


class NotRestored(Exception):
    """Nothing was changed. The message has the remedy."""


@dataclass(slots=True)
class Wanted:
    """replace: journals go back to the backup although those in place are whole and newer.

    events: files with what a receiver of the messages has stored. public_key: of the branch; None: nobody
    can tell who made the backup. user: who restores, for the events.
    """

    file: Path
    identity: Secret
    config: Path
    now: Stamp
    replace: bool = False
    public_key: PublicKey | None = None
    events: tuple[Path, ...] = ()
    user: dict[str, JsonValue] = field(default_factory=dict)
    told: Callable[[str], None] = lambda _what: None


@dataclass(slots=True)
class Restored:
    """What was done, a line each. undone: what was not, and a person has to see to."""

    manifest: Manifest
    lines: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    settings: Settings | None = None


@dataclass(slots=True)
class _Restoring:
    wanted: Wanted
    staging: Staging
    done: Restored
    replaced: dict[str, InPlace | None] = field(default_factory=dict)
    sinces: dict[str, journals.Since] = field(default_factory=dict)
    ids: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def paths(self) -> Paths:
        return Paths.of(self.staging.settings)

    @property
    def staged(self) -> Paths:
        return Paths.of(self.staging.staged_settings)


def restore(wanted: Wanted) -> Restored:
    """Raises NotRestored, NotReceived, BackupUnusable, SettingsError, BadAgeKey, OSError: nothing moved.

    DatabaseUnusable and JournalUnavailable may come after some files were moved; doing it again is right.
    """
    if not wanted.now.clock_trusted:
        raise NotRestored(
            "the clock cannot be believed, so nobody knows what is due to be destroyed; set it first"
        )

    def check(manifest: Manifest, settings: Settings) -> None:
        branch, is_of = settings.branch, (manifest.authority, manifest.branch)
        if is_of != (branch.authority, branch.branch):
            raise NotRestored(f"{wanted.file} is of {'/'.join(is_of)}, and this is another branch")
        if wanted.now.wall_us >= manifest.until_us:
            raise NotRestored(f"{wanted.file} has expired, and must not be used any more; delete it")
        if busy := next(users(branch.state_dir), None):
            raise NotRestored(
                f"process {busy.pid} ({busy.name}) has {busy.file} open; stop everything first: "
                "`systemctl stop unlocked.target`"
            )

    staging = Staging(wanted.config, check)
    with closing(staging):
        wanted.told("opening the backup")
        unpacked = unpack(wanted.file, wanted.identity, staging.take)
        _check_signature(unpacked, wanted)
        run = _Restoring(wanted, staging, Restored(unpacked.manifest, settings=staging.settings))
        _choose(run)
        _make_ready(run)
        _move(run)
    return run.done


def _check_signature(unpacked: Unpacked, wanted: Wanted) -> None:
    if wanted.public_key is None:
        return
    try:
        unpacked.check_signature(wanted.public_key)
    except BadSignature as error:
        raise NotRestored(f"{wanted.file}: this branch did not make it: {error}") from error


# --- what is to be restored ---------------------------------------------------------------------------


def _choose(run: _Restoring) -> None:
    """Of the journals, those that are missing, damaged, of another past or older than the backup's."""
    for service in JOURNALS:
        name = contents.journal(service)
        if name not in run.staging.databases:
            continue
        with closing(JournalReader(run.staging.databases[name])) as reader:
            try:
                journal_id, seq = reader.journal_id, reader.last_seq()
            except DatabaseUnusable as error:
                raise BackupUnusable(f"{run.wanted.file}: {name}: {error}") from error
        here = in_place(run.paths.journal(service))
        if here and here.whole and here.of(journal_id) and here.seq >= seq and not run.wanted.replace:
            run.done.lines.append(f"{service}: kept, it is whole and goes on to {here.seq} (backup: {seq})")
            continue
        run.replaced[service], run.ids[service] = here, (journal_id, seq)
    for service in JOURNALS:
        # Also of a console's journal that is kept: it tells which entries of the registers went since.
        journal_id, seq = run.ids.get(service, ("", 0))
        path = run.paths.journal(service)
        if service in run.replaced and run.replaced[service] is not None:
            run.sinces[service] = journals.since(path, journal_id, seq)
        elif service == "console" and path.exists():
            with closing(JournalReader(path)) as reader, suppress(DatabaseUnusable):
                run.sinces[service] = journals.since(path, reader.journal_id, 0)
    branch = run.staging.settings.branch
    for service, (journal_id, seq) in run.ids.items():
        for file in run.wanted.events:
            source = f"/{branch.authority}/{branch.branch}/{service}"
            told = run.sinces.setdefault(service, journals.Since())
            received.add(file, source, journal_id, seq, told)


# --- making it ready ----------------------------------------------------------------------------------


def _make_ready(run: _Restoring) -> None:
    _make_registers_ready(run)
    with ExitStack() as closing_all:
        known = _known(run, closing_all)
        order = [service for service in ("console", *JOURNALS[:-1]) if service in run.replaced]
        for service in order:
            run.wanted.told(f"making the journal of {service} ready")
            _begin(run, service)
        with suppress(DatabaseUnusable):  # which the first that destroys tells
            for one in sorted(known.lost()):
                what = "was placed since, and no register has it: place it anew, or end it"
                run.done.undone.append(f"{one} {what}; nothing is destroyed until then")
        for service in order:
            _destroy_due(run, service, known)


def _make_registers_ready(run: _Restoring) -> None:
    staged, path = run.staging.databases.get(contents.REGISTERS), run.paths.registers
    if staged is None:
        return
    here = registers.there(path) if path.exists() else []
    gone = registers.destroyed(run.sinces.get("console", journals.Since()).certificates)
    if here and not run.wanted.replace and not registers.beyond(staged, here, gone):
        del run.staging.databases[contents.REGISTERS]
        run.done.lines.append("registers: kept, they have all that the backup has")
        return
    taken = registers.join(staged, here or [], gone)
    run.done.lines.append(f"registers: restored, with {taken} newer entries of those that were there")
    if here is None:
        run.done.undone.append(
            f"{path} could not be read: holds and restrictions that are newer than the backup may be "
            "missing; see `unlocked hold list`, and place them anew"
        )


def _known(run: _Restoring, closing_all: ExitStack) -> KnownHolds:
    """As the branch will have them."""
    staged_registers = run.staging.databases.get(contents.REGISTERS, run.paths.registers)
    paths = run.staged if "console" in run.replaced else run.paths
    readers = RegistersReader(staged_registers), JournalReader(paths.journal("console"))
    for reader in readers:
        closing_all.callback(reader.close)
    return KnownHolds(*readers)


def _begin(run: _Restoring, service: str) -> None:
    """journal.restored first, and what the journal in place told since."""
    _, seq = run.ids[service]
    here, found = run.replaced[service], run.sinces.get(service, journals.Since())
    manifest, now = run.done.manifest, run.wanted.now
    data: dict[str, JsonValue] = {
        "made_us": manifest.made_us,
        "seq": seq,
        "certificates": len(found.certificates),
        "cut": found.cut,
        **run.wanted.user,
    }
    with closing(_open(run, service)) as journal:
        old = None if here is None else here.last
        journal.append([journals.restored(service, now, data, old), *journals.carried(found.carried, now)])
        gone = journals.replay(journal, service, found.certificates, seq, now)
        journal.checkpoint()
    what = "in place of what was there" if here else "nothing was there"
    run.done.lines.append(
        f"{service}: restored up to {seq}, {what}; {gone} events that were destroyed since are gone again"
    )


def _destroy_due(run: _Restoring, service: str, known: KnownHolds) -> None:
    settings, now = run.staging.staged_settings, run.wanted.now
    rule = edge_rule(settings, CATEGORIES[service])
    site, source = settings.branch.branch, clock_source(settings)
    with closing(_open(run, service)) as journal:
        try:
            gone = journals.destroy_due(journal, rule, site, source, known.read, now)
        except (DatabaseUnusable, JournalUnavailable) as error:
            run.done.undone.append(f"{service}: what is due was not destroyed: {error}")
            return
        run.done.lines.append(f"{service}: {gone} events that are due by now destroyed")
        staged = run.staging.databases.get(contents.REGISTERS)
        if service == "console" and staged is not None:
            keeper = RegistersKeeper(
                journal, staged, known, edge_rule(settings, Category.REGISTERS), site, source
            )
            while keeper.look(now):
                pass
        journal.checkpoint()


def _open(run: _Restoring, service: str) -> Journal:
    """A staged journal; migrated and read through for damage."""
    path = run.staged.journal(service)
    if not intact(path):
        raise BackupUnusable(f"{run.wanted.file}: the journal of {service} in it is damaged")
    return Journal.open(path, service=service, stamp=run.wanted.now)


# --- moving it ----------------------------------------------------------------------------------------


def _move(run: _Restoring) -> None:
    """Registers first: they hold what the journals tell of."""
    wanted, texts, done = run.wanted, run.staging.texts, run.done
    settings, paths = run.staging.settings, run.paths
    wanted.told("moving it in place")
    if not run.staging.own_settings:
        placing.put_text(wanted.config, texts[contents.SETTINGS], SETTINGS_MODE)
        done.lines.append(f"{wanted.config}: restored")
    profile = settings.policy.profile
    if profile is not None and contents.POLICY in texts:
        if placing.put_text(profile, texts[contents.POLICY], SETTINGS_MODE):
            done.lines.append(f"{profile}: restored")
        elif profile.read_bytes() != texts[contents.POLICY]:
            done.lines.append(f"{profile}: kept, though the backup has another")
    leaving = {contents.KEYS + name for name in credentials.leaving(settings)}
    for name, content in texts.items():
        if name in leaving:  # no file of another name, which something else on the machine might run or obey
            file = settings.branch.secrets_dir / name.removeprefix(contents.KEYS)
            sealed = file.with_name(f"{file.name}.cred")
            if not sealed.exists() and placing.put_text(file, content + b"\n", SECRET_MODE):
                done.lines.append(f"{file}: restored")
    if contents.REGISTERS in run.staging.databases:
        _put(run, run.staging.databases[contents.REGISTERS], paths.registers)
    if contents.NOTICE in texts and ("console" in run.replaced or not paths.notice.exists()):
        paths.notice.parent.mkdir(parents=True, exist_ok=True)
        placing.replace_text(paths.notice, texts[contents.NOTICE], NOTICE_MODE)
        done.lines.append(f"{paths.notice}: restored, as the journal names it")
    for service in run.replaced:
        placing.step_back(paths, *run.ids[service])
        _put(run, run.staging.databases[contents.journal(service)], paths.journal(service))


def _put(run: _Restoring, staged: Path, path: Path) -> None:
    aside = placing.put_database(staged, path)
    if aside is not None:
        run.done.lines.append(f"{path}: what was there is {aside.name} now; delete it in time")
