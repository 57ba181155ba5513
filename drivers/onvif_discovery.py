"""Which network cameras are there: ONVIF's use of WS-Discovery (ONVIF Core, section 7; WS-Discovery 2005/04).

A probe goes to everybody on the networks of this machine, or to one address; what answers may be anything.
Never here: settings. Finding cameras is a help while they are set up; nothing that runs does it.
"""

from __future__ import annotations

import fcntl
import re
import socket
import struct
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from select import select
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

from drivers.strict_xml import BadXml, Element, parse

EVERYBODY = ("239.255.255.250", 3702)
ASKED_TWICE_AFTER_S = 0.5
"""A datagram can be lost; so can the answers of many cameras at once."""
MOST_ANSWERS = 500
MOST_IN_AN_ANSWER = 32
LONGEST_TEXT = 60

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_DEVICES = "http://www.onvif.org/ver10/network/wsdl"
_SCOPE = re.compile(r"onvif://www\.onvif\.org/(?P<kind>name|hardware)/(?P<what>[^/?#]+)", re.IGNORECASE)
_SIOCGIFADDR = 0x8915

PROBE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    f'<e:Envelope xmlns:e="{_SOAP}" xmlns:a="{_ADDRESSING}" xmlns:d="{_DISCOVERY}" xmlns:n="{_DEVICES}">'
    "<e:Header><a:MessageID>{message}</a:MessageID>"
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
    f"<a:Action>{_DISCOVERY}/Probe</a:Action></e:Header>"
    "<e:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
)


@dataclass(frozen=True, slots=True, order=True)
class FoundCamera:
    """host: where the answer came from. service: where it can be asked for its streams, "" if nowhere.

    name, hardware: as the camera says, for people to read; printable and short.
    """

    host: str
    service: str
    name: str
    hardware: str


class NoNetwork(Exception):
    """The probe could not be sent anywhere."""


def find_cameras(wait_s: float, to: tuple[str, int] = EVERYBODY) -> Iterator[FoundCamera]:
    """Each camera once, as answers come, for so many seconds. Raises NoNetwork."""
    message = f"urn:uuid:{uuid.uuid4()}"
    probe = PROBE.format(message=escape(message)).encode()
    with ExitStack() as closing:
        senders = [closing.enter_context(sender) for sender in _senders(to)]
        _send(senders, probe, to)
        began_s = time.monotonic()
        again, seen, answers = True, set[FoundCamera](), 0
        while (left_s := began_s + wait_s - time.monotonic()) > 0 and answers < MOST_ANSWERS:
            until_again_s = began_s + ASKED_TWICE_AFTER_S - time.monotonic()
            if again and until_again_s <= 0:
                again = False
                with suppress(NoNetwork):
                    _send(senders, probe, to)
            waiting_s = min(left_s, until_again_s) if again else left_s
            for ready in select(senders, [], [], max(0.0, waiting_s))[0]:
                with suppress(OSError):  # nobody listens there: a later answer may still come
                    data, (host, *_) = ready.recvfrom(65_535)
                    answers += 1
                    for camera in understood(data, message, host):
                        if camera not in seen:
                            seen.add(camera)
                            yield camera


def understood(data: bytes, message: str, host: str) -> list[FoundCamera]:
    """The cameras in an answer to the probe ``message`` that came from ``host``; none in anything else."""
    try:
        root = parse(data)
    except BadXml:
        return []
    if root.value(f"{_ADDRESSING} RelatesTo") != message:
        return []
    matches = root.all(f"{_DISCOVERY} ProbeMatch")
    return [_camera(match, host) for match in islice(matches, MOST_IN_AN_ANSWER)]


def _camera(match: Element, host: str) -> FoundCamera:
    services = [url for url in match.value(f"{_DISCOVERY} XAddrs").split() if _host_of(url)]
    # A camera with several addresses names those that cannot be reached from here as well.
    services.sort(key=lambda url: _host_of(url) != host)
    said: dict[str, str] = {}
    for scope in match.value(f"{_DISCOVERY} Scopes").split():
        if found := _SCOPE.fullmatch(scope.rstrip("/")):
            said.setdefault(found["kind"].lower(), _shown(unquote(found["what"])))
    return FoundCamera(host, services[0] if services else "", said.get("name", ""), said.get("hardware", ""))


def _host_of(url: str) -> str:
    """ "" for what is not the plain address of a web service."""
    if not re.fullmatch(r"https?://[\x21-\x7e]{1,300}", url) or "@" in url:
        return ""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _shown(text: str) -> str:
    """Fit for a terminal: no control characters, and not endless."""
    return "".join(character if character.isprintable() else "?" for character in text)[:LONGEST_TEXT]


def _senders(to: tuple[str, int]) -> list[socket.socket]:
    """A socket for each network that the probe is to go to."""
    if to != EVERYBODY:
        return [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
    senders = []
    for address in _own_addresses():
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        senders.append(sender)
    return senders


def _own_addresses() -> list[str]:
    """IPv4 addresses of this machine's network interfaces, without its own to itself."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # it has none
                answer = fcntl.ioctl(asking, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                found.append(socket.inet_ntoa(answer[20:24]))
    return [address for address in found if not address.startswith("127.")]


def _send(senders: list[socket.socket], probe: bytes, to: tuple[str, int]) -> None:
    why = "this machine has no network"
    sent = 0
    for sender in senders:
        try:
            sender.sendto(probe, to)
            sent += 1
        except OSError as error:
            why = error.strerror or str(error)
    if not sent:
        raise NoNetwork(why)
