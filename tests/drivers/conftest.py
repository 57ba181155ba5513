from collections.abc import Iterator

import pytest
from gpiozero import Factory
from gpiozero.pins.mock import MockFactory


@pytest.fixture
def pins() -> Iterator[Factory]:
    """A Raspberry Pi's pins that exist in memory only, released afterwards."""
    factory = MockFactory()
    yield factory
    factory.close()
    factory.reset()
