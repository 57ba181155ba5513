"""Looks at every part in turn. What hinders one part hinders no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from controller.doctor.context import Context, NoSettings
from controller.doctor.finding import Finding, State, unknown
from controller.doctor.parts import PARTS, Part
from controller.store.engine import DatabaseUnusable


def examine(context: Context, parts: Iterable[Part] = PARTS) -> Iterator[Finding]:
    """What was found, part by part."""
    for part in parts:
        context.told(part.name)
        yield from _looked_at(part, context)


def _looked_at(part: Part, context: Context) -> Iterator[Finding]:
    try:
        yield from part.look(context)
    except NoSettings:
        yield unknown(part.name, "not looked at, since the settings cannot be used", "see settings")
    except DatabaseUnusable as error:
        yield unknown(part.name, f"not looked at: {error}", _remedy(context))
    except OSError as error:
        yield unknown(part.name, f"not looked at: {error.filename}: {error.strerror}", _remedy(context))
    except Exception as error:  # noqa: BLE001 -- a mistake in one check must not hide what the others find
        # Its type alone: nobody knows what its text holds.
        yield unknown(
            part.name,
            f"this check itself failed ({type(error).__name__})",
            "report it, with the support bundle",
        )


def _remedy(context: Context) -> str | None:
    return None if context.machine.is_root else "run it as root"


def has_faults(found: Iterable[Finding]) -> bool:
    return any(one.state is State.FAULT for one in found)
