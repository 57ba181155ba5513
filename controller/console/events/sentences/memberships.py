"""Memberships, where they come from, and the branch's link to headquarters: the sentences."""

from __future__ import annotations

from controller.console.events.kinds import Kind
from controller.console.events.saying import Sentences, by, many, number, phrase, plain, word
from controller.core.event import Event, EventType

_TROUBLES = {
    "unreachable": "it cannot be reached",
    "untrusted": "it could not show who it is",
    "login_refused": "it refused our login",
    "timed_out": "it did not answer in time",
    "garbled": "its answers cannot be read",
    "offline": "it says that it cannot answer now",
}
_CERTIFICATES = {
    "branch": "this branch",
    "authority": "the authority behind headquarters' broker",
    "broker": "headquarters' broker",
}
_LISTS = {"blocked": "blocked", "allowed": "allowed"}


def _imported(event: Event) -> str:
    if event.data.get("already") is True:
        return "A file of memberships was in already"
    what = "Changes of memberships" if event.data.get("kind") == "delta" else "Memberships"
    return f"{what} imported{by(event)}: {many(number(event, 'members'), 'membership')} now"


def _refused(event: Event) -> str:
    line = number(event, "line")
    return f"A file of memberships was refused: {plain(word(event, 'reason'))}" + (
        "" if line is None else f", line {line}"
    )


def _stale(event: Event) -> str:
    age_h = number(event, "age_h")
    return "No memberships are there" if age_h is None else f"Memberships are too old: copied {age_h} h ago"


def _listed(event: Event) -> str:
    until = word(event, "until")
    last = f" until {until}" if until else ""
    return f"A card was put on the list of the {phrase(event, 'list', _LISTS)}{last}{by(event)}"


def _unsent(event: Event) -> str:
    return f"Headquarters refused event {number(event, 'sequence') or ''} of {word(event, 'journal')}"


def _expiring(event: Event) -> str:
    days = number(event, "days")
    whose = f"The certificate of {phrase(event, 'certificate', _CERTIFICATES)}"
    if days is None or days < 0:
        return f"{whose} has expired"
    return f"{whose} expires in {many(days, 'day')}"


_F, _R, _S = Kind.FAULT, Kind.RECORD, Kind.STAFF

SENTENCES: Sentences = {
    EventType.MEMBERSHIP_IMPORTED: (_R, _imported),
    EventType.MEMBERSHIP_IMPORT_SHREDDED: (_S, lambda event: f"An imported file was destroyed{by(event)}"),
    EventType.MEMBERSHIP_FEED_REFUSED: (_F, _refused),
    EventType.MEMBERSHIP_SHOWN: (_S, lambda event: f"What is known of a card was looked up{by(event)}"),
    EventType.MEMBERSHIP_LISTED: (_S, _listed),
    EventType.MEMBERSHIP_UNLISTED: (
        _S,
        lambda event: f"A card was taken off the list of the {phrase(event, 'list', _LISTS)}{by(event)}",
    ),
    EventType.MEMBERSHIP_STALE: (_F, _stale),
    EventType.MEMBERSHIP_FRESH: (_F, "Memberships are fresh again"),
    EventType.LMS_LOST: (
        _F,
        lambda event: f"The library management system is lost: {phrase(event, 'reason', _TROUBLES)}",
    ),
    EventType.LMS_FOUND: (_F, "The library management system answers again"),
    EventType.LMS_UNUSABLE: (_F, "Answers of the library management system do not count"),
    EventType.LMS_PLAUSIBLE: (_F, "Answers of the library management system count again"),
    EventType.UPLINK_CONNECTED: (_R, "Connected to headquarters"),
    EventType.UPLINK_LOST: (_F, "The connection to headquarters is lost"),
    EventType.CERTIFICATE_EXPIRING: (_F, _expiring),
    EventType.CERTIFICATE_RENEWED: (
        _F,
        lambda event: f"The certificate of {phrase(event, 'certificate', _CERTIFICATES)} was renewed",
    ),
    EventType.UPLINK_REFUSED: (_F, _unsent),
    EventType.UPLINK_REPLAYED: (_S, lambda event: f"Events are sent to headquarters again, asked{by(event)}"),
}
