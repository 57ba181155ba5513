"""What was answered, a line for each part, for whoever looks it over before it is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from controller.settings import hours_text


def of_branch(found: Mapping[str, object]) -> str:
    table = _table(found, "branch")
    return f"{table.get('name', '?')} ({table.get('authority', '?')}/{table.get('branch', '?')})"


def of_hours(found: Mapping[str, object]) -> str:
    hours = _table(found, "hours")
    return "; ".join(f"{kind} {hours_text.written(_week(hours, kind))}" for kind in ("staffed", "unstaffed"))


def of_policy(found: Mapping[str, object]) -> str:
    return str(_table(found, "setup").get("policy") or _table(found, "policy").get("profile") or "none")


def of_doors(found: Mapping[str, object]) -> str:
    return "; ".join(_door(door) for door in _tables(found, "doors")) or "none"


def of_building(found: Mapping[str, object]) -> str:
    wires = [f"{name} at {_pin(_table(_table(found, 'inputs'), name))}" for name in _table(found, "inputs")]
    clock = "battery clock" if _table(found, "clock").get("battery_clock") else "no battery clock"
    return ", ".join([*wires, clock])


def of_cameras(found: Mapping[str, object]) -> str:
    return ", ".join(str(camera.get("id", "?")) for camera in _tables(found, "cameras")) or "none"


def of_broker(found: Mapping[str, object]) -> str:
    table = _table(found, "mqtt")
    if table.get("enabled") is False:
        return "none"
    return f"{table.get('host', 'localhost')}, port {table.get('port', 1883)}"


def of_library(found: Mapping[str, object]) -> str:
    lms = _table(found, "lms")
    sip2, koha = _table(lms, "sip2"), _table(lms, "koha")
    if sip2:
        return f"SIP2 at {sip2.get('host', '?')} ({sip2.get('dialect', '?')})"
    return str(koha.get("url", "?")) if koha else "none"


def of_backups(found: Mapping[str, object]) -> str:
    backup = _table(found, "backup")
    sftp = _table(backup, "sftp")
    places = [str(backup["folder"])] if "folder" in backup else []
    places += [f"SFTP to {sftp.get('host', '?')}"] if sftp else []
    return ", ".join(places) or "not set up"


def of_key(found: Mapping[str, object]) -> str:
    table = _table(_table(found, "setup"), "authority_key")
    if "private_key_to" in table:
        return f"a new pair, its private key to {table['private_key_to']}"
    if "public_key" in table:
        return f"the public key in {table['public_key']}"
    return "nobody's, for a demo" if table.get("throw_away") else "as it is there"


def of_account(found: Mapping[str, object]) -> str:
    if _table(found, "console").get("pages") is False:
        return "no staff pages"
    table = _table(_table(found, "setup"), "account")
    if not table:
        return "as they are there"
    return f"{table.get('name', '?')}, trained until {table.get('trained_until', '?')}"


def _door(door: Mapping[str, object]) -> str:
    parts = [f"{door.get('id', 'front')}: lock at {_pin(_table(door, 'lock'))}"]
    for reader in _tables(door, "readers"):
        parts.append(f"reader {reader.get('format', 'line')} at {reader.get('port', '?')}")
    for key, name in (("contact", "contact"), ("exit_button", "exit button")):
        if key in door:
            parts.append(f"{name} at {_pin(_table(door, key))}")
    return ", ".join(parts)


def _pin(table: Mapping[str, object]) -> str:
    return f"GPIO{table.get('pin', '?')}"


def _week(hours: Mapping[str, object], kind: str) -> dict[str, list[str]]:
    days = _table(hours, kind).items()
    return {day: [str(each) for each in periods] for day, periods in days if isinstance(periods, list)}


def _table(found: Mapping[str, object], name: str) -> Mapping[str, object]:
    below = found.get(name, {})
    return below if isinstance(below, Mapping) else {}


def _tables(found: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    below = found.get(name, [])
    return [one for one in below if isinstance(one, Mapping)] if isinstance(below, list | tuple) else []
