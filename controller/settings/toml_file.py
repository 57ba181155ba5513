"""A TOML file to validated tables, or one line a fault: file, key, remedy.

Never here: what a file must hold, which its model says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

LONGEST_LINE = 400
WORDS = {
    "greater_than_equal": "it must be at least {ge}",
    "less_than_equal": "it must be at most {le}",
    "literal_error": "it must be {expected}",
    "enum": "it must be {expected}",
    "int_type": "it must be a whole number",
    "int_parsing": "it must be a whole number",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number",
    "float_parsing": "it must be a number",
    "bool_type": "it must be true or false",
    "bool_parsing": "it must be true or false",
    "string_type": "it must be a text in quotes",
    "string_too_short": "it must not be empty",
    "string_too_long": "it must have at most {max_length} characters",
    "path_type": "it must be a path in quotes",
    "tuple_type": 'it must be a list such as ["…", "…"]',
    "too_long": "there can be at most {max_length}",
    "too_short": "there must be at least {min_length}",
    "model_type": "it must be a table, of which {{}} is an empty one",
    "dict_type": "it must be a table, of which {{}} is an empty one",
}
"""Pydantic's types of faults, in words for whoever edits the file."""
TOML = "put texts in quotes, write true and false small, and give each [table] once"


class SettingsError(Exception):
    """The settings cannot be used. ``str()`` is a line for each fault: ``file: key: what to do``."""

    def __init__(self, file: Path, faults: list[str]) -> None:
        super().__init__("\n".join(f"{file}: {_line(fault)}" for fault in faults))
        self.file, self.faults = file, faults


def read(file: Path, if_missing: str) -> bytes:
    """Raises SettingsError. if_missing: what to do where there is no such file."""
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise SettingsError(file, [f"there is no such file; {if_missing}"]) from error
    except PermissionError as error:
        remedy = f"let all users read it: `sudo chmod 644 {file}`, in a folder that they may look into"
        raise SettingsError(file, [f"it cannot be read: {error.strerror}; {remedy}"]) from error
    except OSError as error:
        raise SettingsError(file, [f"it cannot be read: {error}"]) from error


def parsed(file: Path, content: bytes) -> dict[str, object]:
    """Raises SettingsError."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SettingsError(file, ["it is not UTF-8; save it in that encoding"]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(file, [f"it is not TOML: {error}; {TOML}"]) from error
    except (ValueError, RecursionError) as error:  # of tomllib itself
        remedy = "it has a number with thousands of digits, or brackets nested hundreds deep; remove them"
        raise SettingsError(file, [remedy]) from error


def faults(error: ValidationError, found: object, *, example: str, patterns: Mapping[str, str]) -> list[str]:
    """A line each. example: the file that shows every key. patterns: what a form that is asked for allows."""
    return [_fault(detail, found, example, patterns) for detail in error.errors()]


def _line(fault: str) -> str:
    """One line, whatever the file holds."""
    line = " ".join(fault.split())
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


def _key(parts: tuple[int | str, ...], found: object) -> str:
    """A key as people find it in the file: ``doors[front].readers[in].port``."""
    key = ""
    for part in parts:
        if part == "[key]":  # how pydantic marks a fault of a table's key, rather than of its value
            continue
        if isinstance(found, dict) and part == found.get("kind") and part not in found:
            continue  # how it marks which of several tables was meant
        if isinstance(part, int):
            found = found[part] if isinstance(found, list) and part < len(found) else None
            name = found.get("id", found.get("account")) if isinstance(found, dict) else None
            key += f"[{name if isinstance(name, str) else part + 1}]"
        else:
            found = found.get(part) if isinstance(found, dict) else None
            key += f".{part}" if key else part
    return key or "(whole file)"


def _fault(detail: ErrorDetails, found: object, example: str, patterns: Mapping[str, str]) -> str:
    key = _key(detail["loc"], found)
    match detail["type"]:
        case "extra_forbidden":
            return f"{key}: there is no such key; remove it or correct its spelling"
        case "missing":
            return f"{key}: it is missing; add it ({example} shows it)"
        case "string_pattern_mismatch":
            shown = _shown(detail["input"])
            allowed = patterns.get(detail["ctx"]["pattern"], f"{example} shows how")
            return f"{key}: {shown} is not of the right form; {allowed}"
        case "tuple_type" if isinstance(detail["input"], dict):
            table = ".".join(part for part in detail["loc"] if isinstance(part, str))
            return f"{key}: it must be a list of tables; write [[{table}]], with two brackets"
        case "model_type" | "dict_type" if _are_tables(detail["input"]):
            table = ".".join(part for part in detail["loc"] if isinstance(part, str))
            return f"{key}: there can be one only; write [{table}], with one bracket"
        case "union_tag_not_found":
            return f"{key}.kind: it is missing; {example} shows which there are"
        case "union_tag_invalid":
            context = detail["ctx"]
            kinds = context["expected_tags"].replace("'", '"')
            return f"{key}.kind: it must be one of {kinds}, not {_shown(context['tag'])}"
        case "value_error":
            return f"{key}: {detail['ctx']['error']}"
        case kind:
            words = WORDS.get(kind)
            must = words.format(**detail.get("ctx", {})).replace("'", '"') if words else detail["msg"]
            return f"{key}: {must}, not {_shown(detail['input'])}"


def _are_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _shown(value: object) -> str:
    """As it stands in the file, or what sort of thing it is."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case dict():
            return "a table"
        case int() if value.bit_length() > 64:
            return "a number of that size"  # Python writes none of thousands of digits
        case list() | tuple():
            return f"a list of {len(value)}"
        case _:
            return str(value)
