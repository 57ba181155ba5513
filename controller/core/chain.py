"""The chain that makes a journal's past unchangeable: canonical JSON, leaf and head.

``leaf`` is the SHA-256 of an event's canonical JSON (RFC 8785), in which the SHA-256 of each sealed box
stands for the box. ``head(n)`` is the SHA-256 of head(n-1) and leaf(n); head(0) that of the journal's id.
So a box or a row can be destroyed when it is due while leaf and head go on proving what stood around it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from json.encoder import encode_basestring

from controller.core.event import Event, JsonValue, Stamp

MAX_EXACT_INT = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 8785, appendix D; RFC 7493)."""
DIGEST_BYTES = sha256().digest_size


_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
"""In C. Python's own escapes are those of ECMAScript: the short ones, then \\u00xx in small letters."""


_DECODER = json.JSONDecoder()
_text = encode_basestring
"""A text as the encoder writes it."""


class NotCanonical(ValueError):
    """A value that our subset of canonical JSON does not have. The message names its kind only."""


def canonical(value: JsonValue) -> bytes:
    """Canonical JSON (RFC 8785) of text, exact integers, true, false, null, lists and objects.

    Raises NotCanonical for floating point, integers beyond 2**53 - 1, unpaired surrogates and all else.
    """
    try:
        return _ENCODER.encode(_ordered(value)).encode()
    except UnicodeEncodeError:
        raise NotCanonical("text with an unpaired surrogate") from None


def _ordered(value: JsonValue) -> JsonValue:
    """The value with its objects' keys in order, and nothing in it that is not canonical."""
    match value:
        case None | bool() | str():
            return value
        case int():
            if abs(value) > MAX_EXACT_INT:
                raise NotCanonical("an integer beyond 2**53 - 1")
            return value
        case list():
            return [_ordered(one) for one in value]
        case dict():
            return {key: _ordered(value[key]) for key in _sorted(value)}
        case _:
            raise NotCanonical(f"a {type(value).__name__}")


def _sorted(keys: Mapping[str, JsonValue]) -> list[str]:
    try:
        if "".join(keys).isascii():
            return sorted(keys)
    except TypeError:
        raise NotCanonical("an object with a key that is no text") from None
    # RFC 8785 sorts by UTF-16 code units, which differs from Python's order beyond U+FFFF.
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def leaf(event: Event, boxes: Mapping[str, bytes]) -> bytes:
    """The 32 bytes that stand for an event and its sealed boxes (field name to box)."""
    stamp = event.stamp
    return sha256(
        canonical(
            {
                "seq": event.seq,
                "id": event.id,
                "type": event.type.value,
                "wall_us": stamp.wall_us,
                "mono_us": stamp.mono_us,
                "boot_id": stamp.boot_id,
                "clock_trusted": stamp.clock_trusted,
                "subject": event.subject,
                "data": dict(event.data),
                "sealed": {field: sha256(box).hexdigest() for field, box in boxes.items()},
            }
        )
    ).digest()


def leaf_of_text(
    seq: int, event_id: str, kind: str, stamp: Stamp, subject: str, data: str, boxes: Mapping[str, bytes]
) -> bytes:
    """The leaf of an event whose data is already canonical JSON: the same as ``leaf``, in half the time.

    Raises ValueError for data that is no JSON object: then it could pass for more than the data.
    """
    value, end = _DECODER.raw_decode(data)
    if end != len(data) or not isinstance(value, dict):
        raise NotCanonical("data that is no object")
    sealed = canonical({field: sha256(box).hexdigest() for field, box in boxes.items()}) if boxes else b"{}"
    return sha256(
        f'{{"boot_id":{_text(stamp.boot_id)},"clock_trusted":{"true" if stamp.clock_trusted else "false"},'
        f'"data":{data},"id":{_text(event_id)},"mono_us":{stamp.mono_us},"sealed":{sealed.decode()},'
        f'"seq":{seq},"subject":{_text(subject)},"type":{_text(kind)},"wall_us":{stamp.wall_us}}}'.encode()
    ).digest()


def first_head(journal_id: str) -> bytes:
    """head(0): where the chain of this journal begins."""
    return sha256(journal_id.encode()).digest()


def head(previous: bytes, leaf: bytes) -> bytes:
    """head(n) from head(n-1) and leaf(n), 32 bytes each."""
    # A fixed length keeps the seam between the two where it is: no other pair makes the same bytes.
    if len(previous) != DIGEST_BYTES or len(leaf) != DIGEST_BYTES:
        raise ValueError(f"a head and a leaf have {DIGEST_BYTES} bytes each")
    return sha256(previous + leaf).digest()
