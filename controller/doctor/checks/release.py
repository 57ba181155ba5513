"""The release in use: is it the one that was installed last, or was an upgrade taken back?"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from controller.doctor.context import Context
from controller.doctor.finding import Finding, fault, hint, ok

PART = "release"
INSTALLED = "opt/unlocked"
"""Where a package, or `make install`, has its files."""
SWITCH = f"`/{INSTALLED}/bin/switch`"


def look(context: Context) -> Iterator[Finding]:
    runs = version("libraries-unlocked")
    machine = context.machine
    newest = machine.text(f"{INSTALLED}/package/RELEASE")
    in_use = machine.text(f"{INSTALLED}/current/RELEASE")
    if newest is None or in_use is None:
        yield ok(PART, f"{runs}, not from a package")
        return
    refused = machine.text(f"{INSTALLED}/releases/{newest}/REFUSED")
    if machine.found(f"{INSTALLED}/trying"):
        yield fault(PART, "an upgrade was interrupted", f"{SWITCH} does it again, or `apt-get install -f`")
    elif refused is not None:
        yield fault(
            PART,
            f"{newest} was taken back, since {refused.splitlines()[0] if refused else 'it did not come up'}; "
            f"{in_use} is in use",
            f"`journalctl --unit='unlocked-*'` has why; {SWITCH} tries again",
        )
    elif newest != in_use:
        yield hint(PART, f"{newest} is installed, and {in_use} is in use", f"{SWITCH} puts {newest} to use")
    else:
        yield ok(PART, f"{in_use} is in use")
