"""What is allowed in branch.toml and will probably be regretted. Never here: what is wrong (``model``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from shutil import which

from controller.settings.model import Settings
from controller.settings.section import is_loopback
from controller.settings.staff import NEED_TRAINING, Role

LOST = 4
"""The flag of a patron's status in SIP2: card reported lost."""
NUMBERED = re.compile(r"/dev/tty(ACM|USB)\d+")


def hints(settings: Settings, today: date) -> Iterator[str]:
    """A line each: the key, and what to do. today: at the branch."""
    for key in settings.hours.past_dates(today):
        yield f'hours.dates."{key}": that is past; it can be removed'
    yield from _about_people(settings)
    yield from _about_staff(settings, today)
    yield from _about_memberships(settings)
    yield from _about_cameras(settings)
    yield from _about_clips(settings)
    for door, reader in settings.readers():
        key = f"doors[{door.id}].readers[{reader.id}]"
        ports = [(f"{key}.port", reader.port)]
        if reader.display is not None:
            ports.append((f"{key}.display.port", reader.display.port))
        for name, port in ports:
            if NUMBERED.fullmatch(port):
                yield (
                    f"{name}: {port} may be another device once something was unplugged; "
                    "use its name in /dev/serial/by-id"
                )
        if reader.is_osdp and not reader.secure:
            yield (
                f"{key}.secure: without a secure channel anybody at the cable reads every card and can send "
                "one; pair the reader with `unlocked reader pair`, and remove secure = false"
            )
    if settings.announcements is not None and settings.announcements.sound is not None:
        sound = settings.announcements.sound
        if not _is_there(sound):
            yield f"announcements.sound: {sound} is not there, or not to be read; copy it to there"
        if which("aplay") is None:
            yield "announcements.sound: there is no aplay to play it; install alsa-utils"


def _about_staff(settings: Settings, today: date) -> Iterator[str]:
    for one in settings.staff:
        if not one.roles & NEED_TRAINING:
            continue
        key = f"staff[{one.account}].trained_until"
        if one.trained_until is None:
            yield f"{key}: not set; without training in date, supervisor and cctv are no roles"
        elif one.trained_until < today:
            yield f"{key}: that is past; until they are trained again, supervisor and cctv are no roles"
    held = {role for one in settings.staff for role in one.roles}
    if settings.staff and Role.SUPERVISOR not in held:
        yield "staff: nobody has the role supervisor, so nobody can end a hold; give it to somebody"
    if settings.staff and settings.cameras and Role.CCTV not in held:
        yield "staff: nobody has the role cctv, so nobody can show or export footage; give it to somebody"


def _about_memberships(settings: Settings) -> Iterator[str]:
    sip2 = settings.lms.sip2 if settings.lms else None
    if sip2 is not None and not sip2.uses_tls and not is_loopback(sip2.host):
        yield (
            f"lms.sip2.tls: card numbers and PINs pass the network to {sip2.host} in the clear; use TLS, or "
            "a tunnel that begins on this machine"
        )
    if sip2 is not None and sip2.refusing_flags is not None and LOST not in sip2.refusing_flags:
        yield (
            f"lms.sip2.refusing_flags: without {LOST}, a card that was reported lost opens the door to "
            f"whoever found it; add {LOST}"
        )
    if settings.access.minimum_age and sip2 and sip2.dialect == "alma" and sip2.fields.birth_date is None:
        yield (
            "access.minimum_age: Alma sends no birth date, so that nobody is let in on its answer alone; "
            "import memberships with adult_on as well (docs/lms-dialects.md)"
        )
    if settings.feed is not None and settings.feed.public_key is None:
        yield (
            "feed.public_key: whoever can put a file there says who is let in; have the files signed with "
            "minisign (docs/feeds.md)"
        )


def _is_there(file: Path) -> bool:
    with suppress(OSError):
        return file.is_file()
    return False


ONLY_RTSP = frozenset({"url", "sub_url", "username", "own_masks"})
ONLY_ENCODED_HERE = frozenset({"device", "width", "height", "fps"})


def _about_cameras(settings: Settings) -> Iterator[str]:
    """Keys that change nothing, and two that name the same stream."""
    seen: dict[str, str] = {}
    for camera in settings.cameras:
        key = f"cameras[{camera.id}]"
        for idle in sorted(
            camera.model_fields_set & (ONLY_ENCODED_HERE if camera.kind == "rtsp" else ONLY_RTSP)
        ):
            yield f'{key}.{idle}: it changes nothing with kind = "{camera.kind}"; remove it'
        if not camera.motion:
            for idle in sorted(camera.model_fields_set & {"zones", "sub_url"}):
                yield f"{key}.{idle}: it changes nothing with motion = false; remove one of the two"
        if camera.sub_url and camera.sub_url == camera.url:
            yield (
                f"{key}.sub_url: it is the recorded stream, of which all pictures would be decoded; give the "
                "address of the smaller one, or remove it"
            )
        address = camera.url or camera.device
        if address and address in seen:
            yield f"{key}: it is the same camera as {seen[address]}, recorded twice; correct its address"
        seen.setdefault(address, camera.id)


def _about_clips(settings: Settings) -> Iterator[str]:
    """A clip can show no more than was recorded."""
    footage = settings.footage
    for camera in settings.cameras:
        if "activity" not in camera.modes:
            continue
        for key, kept_s, clip_key, shown_s in (
            ("pre_roll_s", camera.pre_roll_s, "clip_before_s", footage.clip_before_s),
            ("post_roll_s", camera.post_roll_s, "clip_after_s", footage.clip_after_s),
        ):
            if kept_s < shown_s:
                yield (
                    f"cameras[{camera.id}].{key}: clips are to show {shown_s} s and {kept_s} s are recorded; "
                    f"set {key} = {shown_s}, or footage.{clip_key} = {kept_s}"
                )


def _about_people(settings: Settings) -> Iterator[str]:
    occupancy, hours = settings.occupancy, settings.hours
    if occupancy.empty_at or (hours.clear_out_min and occupancy.empty_after_clear_out):
        return
    waiting = [f"outputs[{output.id}]" for output in settings.outputs if output.follows_people]
    if settings.capacity.limit is not None:
        waiting.append("capacity.limit")
    for key in waiting:
        yield (
            f"{key}: how many are inside is unknown after a start until the building is known to be empty; "
            "set occupancy.empty_at or hours.clear_out_min, or give `unlocked door building-empty` after each"
        )
