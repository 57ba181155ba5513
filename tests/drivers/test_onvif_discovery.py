"""Finding cameras: a simulated one, and answers that no camera would give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import onvif_discovery
from drivers.onvif_discovery import PROBE, FoundCamera, NoNetwork, find_cameras, understood
from drivers.strict_xml import parse
from simulator.camera.onvif import DISCOVERY, Discoverable, answer

MESSAGE = "urn:uuid:2b0a"
HERE = FoundCamera("127.0.0.1", "http://127.0.0.1/onvif/device_service", "Street door", "SIM-1")


def test_a_camera_that_answers_twice_is_found_once() -> None:
    junk = (b"\0", b"<!DOCTYPE a><a/>", answer("urn:uuid:somebody-elses"), b"<a>" * 999)
    with Discoverable(junk) as camera:
        found = list(find_cameras(0.7, ("127.0.0.1", camera.port)))  # long enough to have asked twice
    assert found == [HERE]


def test_where_nobody_is_nothing_is_found() -> None:
    with Discoverable() as camera:
        port = camera.port
    assert list(find_cameras(0.1, ("127.0.0.1", port))) == []


def test_without_a_network_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onvif_discovery, "_own_addresses", lambda: [])
    with pytest.raises(NoNetwork, match="no network"):
        list(find_cameras(0.1))


def test_each_network_of_this_machine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(address.startswith("127.") for address in onvif_discovery._own_addresses())
    monkeypatch.setattr(onvif_discovery, "_own_addresses", lambda: ["127.0.0.1", "127.0.0.1"])
    senders = onvif_discovery._senders(onvif_discovery.EVERYBODY)
    assert len(senders) == 2
    for sender in senders:
        sender.close()


def test_the_probe_is_for_cameras() -> None:
    root = parse(PROBE.format(message=MESSAGE).encode())
    assert root.value(f"{DISCOVERY} Types") == "n:NetworkVideoTransmitter"


@pytest.mark.parametrize(
    ("scopes", "services", "found"),
    [
        ("", "", ("", "", "")),
        ("onvif://www.onvif.org/name/a%0a%1b[31mb", "", ("", "a??[31mb", "")),
        ("onvif://www.onvif.org/name/" + "x" * 900, "", ("", "x" * 60, "")),
        ("onvif://www.onvif.org/hardware/H onvif://www.onvif.org/hardware/other", "", ("", "", "H")),
        # The address that the answer came from, of all that are named.
        ("", "http://10.0.0.9/a http://192.0.2.7/b http://[fe80::1]/c", ("http://192.0.2.7/b", "", "")),
        ("", "http://10.0.0.9/a", ("http://10.0.0.9/a", "", "")),
        (
            "",
            "file:///etc/passwd ftp://192.0.2.7/ http://u:p@192.0.2.7/ http://[::/",
            ("", "", ""),
        ),
    ],
)
def test_what_it_says_is_shown_as_far_as_it_can_be_trusted(
    scopes: str, services: str, found: tuple[str, str, str]
) -> None:
    (camera,) = understood(answer(MESSAGE, scopes, services), MESSAGE, "192.0.2.7")
    assert (camera.service, camera.name, camera.hardware) == found
    assert camera.host == "192.0.2.7"


def test_one_answer_is_not_a_thousand_cameras() -> None:
    text = answer(MESSAGE).decode()
    begin, end = text.index("<wsdd:ProbeMatch>"), text.index("</wsdd:ProbeMatches>")
    many = text[:begin] + text[begin:end] * 200 + text[end:]
    assert len(understood(many.encode(), MESSAGE, "192.0.2.7")) == 32


@given(st.binary(max_size=60), st.integers(0, 1500))
def test_no_answer_upsets_it(junk: bytes, at: int) -> None:
    whole = answer(MESSAGE)
    for camera in understood(whole[:at] + junk + whole[at + len(junk) :], MESSAGE, "192.0.2.7"):
        assert camera.name.isprintable()
        assert camera.hardware.isprintable()
