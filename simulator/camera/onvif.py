"""What a camera answers to ONVIF's discovery (WS-Discovery), on a port of this machine alone."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from xml.sax.saxutils import escape

from drivers.strict_xml import BadXml, parse
from simulator.closing import Closing

ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="{addressing}"
 xmlns:wsdd="{discovery}" xmlns:tdn="http://www.onvif.org/ver10/network/wsdl"><SOAP-ENV:Header>
<wsa:MessageID>urn:uuid:00000000-0000-4000-8000-00000000000a</wsa:MessageID>
<wsa:RelatesTo>{message}</wsa:RelatesTo>
<wsa:Action>{discovery}/ProbeMatches</wsa:Action></SOAP-ENV:Header>
<SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>
<wsa:EndpointReference><wsa:Address>urn:uuid:00000000-0000-4000-8000-00000000000b</wsa:Address></wsa:EndpointReference>
<wsdd:Types>tdn:NetworkVideoTransmitter</wsdd:Types>
<wsdd:Scopes>{scopes}</wsdd:Scopes><wsdd:XAddrs>{services}</wsdd:XAddrs>
<wsdd:MetadataVersion>1</wsdd:MetadataVersion></wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body>
</SOAP-ENV:Envelope>"""
SERVICE = "http://127.0.0.1/onvif/device_service"
SCOPES = (
    "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/Profile/Streaming "
    "onvif://www.onvif.org/name/Street%20door onvif://www.onvif.org/hardware/SIM-1 onvif://www.onvif.org/location/"
)


def answer(message: str, scopes: str = SCOPES, services: str = SERVICE) -> bytes:
    """To the probe with this id."""
    filled = {"message": escape(message), "scopes": scopes, "services": services}
    return ANSWER.format(addressing=ADDRESSING, discovery=DISCOVERY, **filled).encode()


class Discoverable(Closing):
    """Answers every probe twice, from construction until ``close``. before: sent ahead of each answer."""

    def __init__(self, before: tuple[bytes, ...] = ()) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._before = before
        self._thread = Thread(target=self._serve, name="onvif", daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waking:
            waking.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, asking = self._socket.recvfrom(65_535)
            if not data:
                return
            with suppress(BadXml):
                message = parse(data).value(f"{ADDRESSING} MessageID")
                for one in (*self._before, answer(message), answer(message)):
                    self._socket.sendto(one, asking)
