"""gpiozero's mock pins, which also tell when a write to them was done.

An unchanged service loads them by gpiozero's own variables and the entry point that ``environment``
makes known. ``BENCHMARK_PINS`` names the FIFO (``benchmarks.wire``).
"""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path

from gpiozero.pins.mock import MockPin

from benchmarks.wire import PIN_WRITE

REPOSITORY = Path(__file__).parents[1]


class BenchmarkPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    def _set_state(self, value: bool) -> None:
        super()._set_state(value)
        done_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        os.write(_fifo(), PIN_WRITE.pack(done_ns, int(self.info.name.removeprefix("GPIO")), int(value)))


@cache
def _fifo() -> int:
    return os.open(os.environ["BENCHMARK_PINS"], os.O_WRONLY | os.O_CLOEXEC)


def environment(folder: Path, fifo: Path) -> dict[str, str]:
    """What a process needs to load these pins. folder: for the entry point's metadata."""
    metadata = folder / "benchmark_pins-0.dist-info"
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: benchmark-pins\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text(
        "[gpiozero_mock_pin_classes]\nbenchmark = benchmarks.pins:BenchmarkPin\n"
    )
    return {
        "GPIOZERO_PIN_FACTORY": "mock",
        "GPIOZERO_MOCK_PIN_CLASS": "benchmark",
        "BENCHMARK_PINS": str(fifo),
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), str(folder), os.environ.get("PYTHONPATH", "")]),
    }
