"""The certificate of a decommissioning: what was destroyed, when and by whom, what remains, what may.

JSON for machines, the same as text for people, and a signature of the JSON by the branch's export key in
minisign's format, made before that key goes. All of it is read from the journals, so that a run that was
interrupted makes the same. Never here: destroying.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, timedelta
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from controller.core.decommission import Part
from controller.core.event import Event, JsonValue
from controller.core.hold import OF_JOURNAL
from controller.core.local_time import EPOCH
from controller.decommission import inventory
from controller.decommission.media import media_of
from controller.keeping.opening import edge_rule
from controller.secrets import credentials
from controller.secrets.credentials import SecretMissing
from controller.secrets.journal_key import JournalKey
from controller.secrets.minisign_signing import SigningKey, comment
from controller.settings.model import Settings
from controller.settings.paths import JOURNALS, Paths
from controller.store.engine import DatabaseMissing
from controller.store.journal_reader import JournalReader
from controller.store.signed_heads import SignedHeadsReader

FORMAT = "unlocked-decommission/1"
HOW: Mapping[Part, str] = {
    Part.FOOTAGE: "removed from the file system, not overwritten",
    Part.SEALED_CARDS: "overwritten in the databases of the journals, whose events stay",
}
OVERWRITTEN = "overwritten once and removed"
CALLED: Mapping[Part, str] = {
    Part.FOOTAGE: "footage, in files",
    Part.MEMBERSHIPS: "memberships, entries of lists and answers about members",
    Part.SEALED_CARDS: "sealed card numbers in the journals",
    Part.ACCOUNTS: "accounts of the staff pages, with their sessions",
    Part.COPIES: "copies: exports and films that waited, older databases",
    Part.WORKING_FILES: "working files of the services",
    Part.KEYS: "keys and passwords",
}
FLASH = (
    "Flash media (SD cards, SSDs, USB sticks) write elsewhere than they read. What was removed or "
    "overwritten may still be in cells that no program can reach. Destroy the media named here, or have them "
    "erased by the maker's own command, and note it below."
)
ELSEWHERE = (
    "backups, wherever they were put: they expire by their own date, or are destroyed",
    "what was exported, disclosed or handed over",
    "events at whoever receives them over MQTT, and retained messages at the broker",
    "files of memberships that the library management system left to be fetched",
    "the authority's private key and its recovery sheet: nothing is left here for it to open",
    "credentials of this branch at the broker, the library management system, the cameras and the OSDP "
    "readers: withdraw them there",
    "the certificate and the key of the web server in front of the staff pages",
)


def certificate(settings: Settings, config: Path, begun: Event, done: Event) -> dict[str, JsonValue]:
    """What there is to say once all but the signing keys is gone. Raises DatabaseUnusable, OSError."""
    branch, paths = settings.branch, Paths.of(settings)
    found, left = _counts(begun, "found"), _counts(done, "left")
    destroyed: list[JsonValue] = [
        {
            "part": part.value,
            "found": found[part.value],
            "left": left[part.value],
            "how": HOW.get(part, OVERWRITTEN),
        }
        for part in Part
    ]
    folders = [paths.state, paths.footage_dir, paths.secrets]
    return {
        "format": FORMAT,
        "id": begun.id,
        "authority": branch.authority,
        "branch": branch.branch,
        "name": branch.name,
        "begun_at": _time(begun.stamp.wall_us),
        "begun_by": _who(begun),
        "finished_at": _time(done.stamp.wall_us),
        "finished_by": _who(done),
        "clock": begun.data["clock"],
        "policy": begun.data["policy"],
        "software": f"libraries-unlocked {version('libraries-unlocked')}",
        "destroyed": destroyed,
        "signing_keys": "destroyed straight after this was signed",
        "handed_over": begun.data["handed_over"],
        "remains": list(_remains(settings, config)),
        "journals": list(_journals(settings)),
        "elsewhere": list(ELSEWHERE),
        "media": [asdict(medium) for medium in media_of(folders)],
        "flash": FLASH,
    }


def documents(
    settings: Settings, config: Path, begun: Event, done: Event, key: SigningKey | None
) -> dict[str, bytes]:
    """By the name of its file: as JSON, as text to be printed, and the signature of the JSON for
    ``minisign -V`` where there is a key. Raises DatabaseUnusable, OSError.
    """
    said = certificate(settings, config, begun, done)
    branch = settings.branch
    stem = f"decommissioning-{branch.authority}-{branch.branch}-{begun.id[:13]}"
    name, content = f"{stem}.json", (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode()
    lines = _lines(said, name, content, key.public.text if key else None)
    found = {name: content, f"{stem}.txt": "\n".join((*lines, "")).encode()}
    if key:
        signed = key.sign(io.BytesIO(content), comment(done.stamp.wall_us // 1_000_000, name))
        found[f"{name}.minisig"] = signed
    return found


def _lines(said: Mapping[str, JsonValue], json_file: str, content: bytes, key: str | None) -> Iterator[str]:
    yield "CERTIFICATE OF DECOMMISSIONING"
    yield ""
    yield f"Branch       {said['name']} ({said['authority']}/{said['branch']})"
    yield f"Id           {said['id']}"
    yield f"Begun        {said['begun_at']} by {said['begun_by']}"
    yield f"Finished     {said['finished_at']} by {said['finished_by']}"
    yield f"Clock        {said['clock']}"
    yield f"Software     {said['software']}"
    yield ""
    yield "DESTROYED (found at the beginning / left at the end)"
    for one in _objects(said["destroyed"]):
        found = "not counted" if one["found"] is None else one["found"]
        left = "not counted" if one["left"] is None else one["left"]
        yield f"  {CALLED[Part(str(one['part']))]}: {found} / {left}"
        yield f"      {one['how']}"
    yield f"  keys that sign: {said['signing_keys']}"
    yield ""
    yield "HANDED OVER, under the reference beside it"
    over = said["handed_over"]
    yield from (
        (f"  {id}: {to}" for id, to in over.items()) if isinstance(over, dict) and over else ("  nothing",)
    )
    yield ""
    yield "REMAINS on this machine"
    yield from (f"  {one['what']}: {one['where']}" for one in _objects(said["remains"]))
    yield ""
    yield "JOURNALS as they were left: last event, head of the chain, when by the policy the last event goes"
    for one in _objects(said["journals"]):
        yield f"  {one['service']} {one['id']}: {one['last']}, {one['head']}"
        yield f"      {one['events']} events; {one['due'] or 'no date by the policy'}"
        yield f"      heads are signed by {one['key'] or 'no key'}"
    yield ""
    yield "ELSEWHERE, where this program reaches nothing"
    elsewhere = said["elsewhere"]
    yield from (f"  {one}" for one in elsewhere) if isinstance(elsewhere, list) else ()
    yield ""
    yield "MEDIA"
    for one in _objects(said["media"]):
        yield f"  {one['folder']}: {one['device'] or 'device not known'} {one['model']}".rstrip()
    yield f"  {said['flash']}"
    yield ""
    yield f"{json_file}: SHA-256 {sha256(content).hexdigest()}"
    if key:
        yield f"signed: minisign -Vm {json_file} -P {key}"
    else:
        yield "NOT SIGNED: the branch had no key that signs exports"
    yield ""
    for who in ("Decommissioned by", "Witnessed by", "Media destroyed by"):
        yield f"{who:<20} {'_' * 28}  Date {'_' * 12}"


def _remains(settings: Settings, config: Path) -> Iterator[JsonValue]:
    folder = Paths.of(settings).footage_dir
    for what, file in inventory.stays(settings).items():
        yield {"what": what, "where": str(file)}
    if foreign := len(inventory.not_ours(settings)):
        yield {"what": f"files that no recorder named: {foreign}", "where": str(folder)}
    yield {"what": "the settings, which name staff", "where": str(config)}
    for name in (f"{config.name}.before", "setup-answers.toml"):  # of `unlocked setup`
        if (file := config.with_name(name)).exists():
            yield {
                "what": "settings that were replaced or not finished, which name staff",
                "where": str(file),
            }
    if settings.policy.profile:
        yield {"what": "the policy profile", "where": str(settings.policy.profile)}


def _journals(settings: Settings) -> Iterator[dict[str, JsonValue]]:
    for service in JOURNALS:
        path = Paths.of(settings).journal(service)
        try:
            with closing(JournalReader(path)) as reader, closing(SignedHeadsReader(path)) as heads:
                events, last, head = reader.rows(lambda rows: rows.extent())
                last_us = reader.last_trusted_wall_us()
                journal_id, note = reader.journal_id, heads.newest()
        except DatabaseMissing:
            continue
        try:
            due = None if last_us is None else _time(edge_rule(settings, OF_JOURNAL[service]).due_us(last_us))
        except LookupError:
            due = None
        yield {
            "service": service,
            "id": journal_id,
            "events": events,
            "last": last,
            "head": head.hex(),
            "due": due,
            "signed_head": note,
            "key": _verifier(settings, service),
        }


def _verifier(settings: Settings, service: str) -> str | None:
    """The public key that verifies the journal's heads: nobody can tell it once the other half is gone."""
    name = credentials.journal_key(service)
    try:
        return JournalKey.of(credentials.read(name, Paths.of(settings).secrets), name).public.text
    except SecretMissing:
        return None


def _counts(event: Event, name: str) -> Mapping[str, JsonValue]:
    found = event.data[name]
    return found if isinstance(found, dict) else {}


def _objects(value: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one


def _who(event: Event) -> JsonValue:
    return event.data.get("user")


def _time(wall_us: int) -> str:
    return f"{(EPOCH + timedelta(microseconds=wall_us)).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
