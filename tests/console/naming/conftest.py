"""A supervisor with the authority's key, and cards at a door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from controller.console.naming import memory
from controller.core.event import Event, EventType, NewEvent
from controller.secrets import identity
from controller.secrets.credentials import Secret

PASSPHRASE = "correct horse battery"
CARD, OTHER = "20000000000018", "20000000000026"
WHY = {"reason": "security_incident", "need": "INC-2026-014"}

Bring = Callable[..., Any]


@pytest.fixture(autouse=True)
def forgotten(console: Any) -> Iterator[None]:
    yield
    memory.close()


@pytest.fixture
def bring(console: Any) -> Bring:
    """Has this browser upload the authority's key file (or another) with its passphrase."""

    def bring(client: Client, passphrase: str = PASSPHRASE, content: bytes | None = None, **more: str) -> Any:
        pem = content or identity.key_file(console.key, Secret(PASSPHRASE))
        file = SimpleUploadedFile("authority-private-key.pem", pem)
        return client.post("/naming/key/", {"key": file, "passphrase": passphrase, **more})

    return bring


@pytest.fixture
def door(console: Any) -> Callable[..., list[Event]]:
    """Journals grants at the door, one for each card, a minute apart, the last of them a minute ago."""

    def grant(*cards: str) -> list[Event]:
        return console.write(
            "door",
            [
                NewEvent(
                    EventType.ACCESS_GRANTED,
                    "street",
                    console.stamp(60 * (len(cards) - n)),
                    {"reader": "in"},
                    {"card": card.encode()} if card else {},
                )
                for n, card in enumerate(cards)
            ],
        )

    return grant


@pytest.fixture
def identities(console: Any) -> Callable[[], list[tuple[str, Any]]]:
    """What the console journalled of naming: the part after the dot, and the data."""

    def recorded() -> list[tuple[str, Any]]:
        found = [event for event in console.events() if event.type.startswith("identity.")]
        return [(event.type.value.partition(".")[2], event.data) for event in found]

    return recorded
