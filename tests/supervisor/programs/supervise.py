"""Runs the supervisor over the services of a JSON file, so that tests can send signals to it."""

import json
import sys
import time
from functools import partial
from pathlib import Path

from controller.devices import DeviceError
from controller.supervisor import Service, Supervisor

plan = json.loads(Path(sys.argv[1]).read_text())
notes = Path(plan["notes"])
failures = [plan["after_death_fails"]]


def after_death(name: str) -> None:
    with notes.open("a") as file:
        file.write(f"{time.monotonic()} {name} after death\n")
    if failures[0]:
        failures[0] -= 1
        raise DeviceError("the pin cannot be driven")


def service(entry: dict) -> Service:
    return Service(
        name=entry["name"],
        command=tuple(entry["command"]),
        secrets={name: Path(file) for name, file in entry["secrets"].items()},
        after_death=partial(after_death, entry["name"]) if entry["after_death"] else None,
        **entry["limits"],
    )


def log(name: str, line: str) -> None:
    sys.stdout.write(f"{name} | {line}\n")
    sys.stdout.flush()


done = Supervisor([service(entry) for entry in plan["services"]], folder=Path(plan["folder"]), log=log).run()
sys.exit(0 if done else 1)
