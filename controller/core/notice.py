"""What a privacy notice says of a branch, as facts that can be compared with how the branch is now.

A fact has a bound, which says in which direction it may differ without breaking what people were told: 14
days may become 12, and not 15. What is laxer than the notice must not go on; whatever else differs makes the
notice wrong, and somebody should write it anew. In doubt a difference counts as laxer.

Never here: which facts there are (``controller.notice.facts``), and the words of the notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from controller.core.chain import canonical
from controller.core.event import JsonValue


class Bound(StrEnum):
    """How a fact may not change.

    at_most: a number, or None where there is no limit. at_least: a number. not: true is more than false.
    only: words, to which none may be added. all: words, of which none may be left out. same: words, of which
    none may change. recorded, right: see LADDERS. told: any text; to change it is never laxer.
    """

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    NOT = "not"
    ONLY = "only"
    ALL = "all"
    SAME = "same"
    RECORDED = "recorded"
    RIGHT = "right"
    TOLD = "told"


LADDERS = {
    Bound.RECORDED: ("off", "activity", "continuous"),
    Bound.RIGHT: ("yes", "case_by_case", "unstated", "not_required"),
}
"""Words from the strictest to the laxest."""


class NotFacts(ValueError):
    """What was read is not what ``to_json`` wrote."""


@dataclass(frozen=True, slots=True)
class Fact:
    """key: what it is about, as people find it in branch.toml or the policy profile.

    of: the thing it belongs to, such as a camera, if it comes and goes with that; else "".
    """

    key: str
    bound: Bound
    value: JsonValue
    of: str = ""

    def __post_init__(self) -> None:
        if not _fits(self.bound, self.value):
            raise ValueError(f"{self.key}: {self.value!r} is no value for {self.bound}")


Facts = Mapping[str, Fact]
"""By key."""


@dataclass(frozen=True, slots=True)
class Difference:
    """notice, live: None where there is no such fact. laxer: more is done now than people were told."""

    key: str
    notice: Fact | None
    live: Fact | None
    laxer: bool

    def __str__(self) -> str:
        match self.notice, self.live:
            case None, Fact(value=live):
                return f"{self.key}: {_shown(live)} now, and the notice says nothing of it"
            case Fact(value=told), None:
                return f"{self.key}: the notice says {_shown(told)}, and there is no such thing now"
            case Fact(value=list() as told), Fact(value=list() as live):
                changes = [*(f"not {_shown(one)}" for one in told if one not in live)]
                changes += [f"also {_shown(one)}" for one in live if one not in told]
                return f"{self.key}: unlike in the notice now {', '.join(changes)}"
            case told, live:
                assert told is not None
                assert live is not None
                return f"{self.key}: the notice says {_shown(told.value)}, and it is {_shown(live.value)} now"


def facts(found: Iterable[Fact]) -> Facts:
    """By key, in their order. Raises ValueError if two have the same."""
    by_key: dict[str, Fact] = {}
    for fact in found:
        if fact.key in by_key:
            raise ValueError(f"two facts are called {fact.key}")
        by_key[fact.key] = fact
    return by_key


def compare(notice: Facts, live: Facts) -> list[Difference]:
    """What is not as the notice says, in the order of the keys; nothing if all is."""
    return sorted(_differences(notice, live), key=lambda difference: difference.key)


def digest(found: Facts) -> str:
    """SHA-256 over all of them, in hexadecimal."""
    return sha256(canonical(to_json(found))).hexdigest()


def to_json(found: Facts) -> JsonValue:
    """For ``from_json``, in the order of the keys."""
    return [
        {"key": fact.key, "bound": fact.bound.value, "value": fact.value, "of": fact.of}
        for fact in sorted(found.values(), key=lambda fact: fact.key)
    ]


def from_json(value: object) -> Facts:
    """The facts that ``to_json`` wrote. Raises NotFacts."""
    if not isinstance(value, list):
        raise NotFacts("facts are a list")
    try:
        return facts(_fact(item) for item in value)
    except (ValueError, TypeError, KeyError) as error:
        raise NotFacts(str(error)) from error


def _fact(item: object) -> Fact:
    if not isinstance(item, dict) or set(item) != {"key", "bound", "value", "of"}:
        raise NotFacts("a fact has a key, a bound, a value and a thing it is of")
    if not isinstance(item["key"], str) or not isinstance(item["of"], str):
        raise NotFacts("a key is text")
    return Fact(item["key"], Bound(item["bound"]), item["value"], item["of"])


def _differences(notice: Facts, live: Facts) -> Iterator[Difference]:
    gone = {fact.of for fact in notice.values()} - {fact.of for fact in live.values()} - {""}
    for key in notice.keys() | live.keys():
        told, now = notice.get(key), live.get(key)
        if told == now:
            continue
        if now is None:
            assert told is not None
            # With a camera that is gone go its masks: nothing is uncovered.
            yield Difference(key, told, now, told.of not in gone and _laxer_without(told))
        else:
            yield Difference(key, told, now, _laxer(told, now))


def _laxer(told: Fact | None, live: Fact) -> bool:
    if told is None:
        return not _strictest(live)
    if told.bound is not live.bound:
        return True  # of another kind: nobody can tell which is more
    match live.bound:
        case Bound.TOLD:
            return False
        case Bound.NOT:
            return bool(live.value) and not told.value
        case Bound.AT_MOST:
            return _beyond(_number(live), _number(told))
        case Bound.AT_LEAST:
            return _beyond(_number(told), _number(live))
        case Bound.ONLY:
            return not set(_words(live)) <= set(_words(told))
        case Bound.ALL:
            return not set(_words(told)) <= set(_words(live))
        case Bound.SAME:
            return set(_words(told)) != set(_words(live))
        case Bound.RECORDED | Bound.RIGHT:
            ladder = LADDERS[live.bound]
            return ladder.index(str(live.value)) > ladder.index(str(told.value))


def _strictest(live: Fact) -> bool:
    """Whether nothing need be told of it: it is not done, or protects."""
    match live.bound:
        case Bound.TOLD | Bound.ALL | Bound.AT_LEAST:
            return True
        case Bound.NOT | Bound.ONLY | Bound.SAME:
            return not live.value
        case Bound.AT_MOST:
            return live.value == 0
        case Bound.RECORDED | Bound.RIGHT:
            return live.value == LADDERS[live.bound][0]


def _laxer_without(told: Fact) -> bool:
    """Whether to leave this out takes something from people."""
    match told.bound:
        case Bound.ALL | Bound.AT_LEAST | Bound.SAME:
            return bool(told.value)
        case Bound.RIGHT:
            return told.value != LADDERS[Bound.RIGHT][-1]
        case Bound.AT_MOST | Bound.NOT | Bound.ONLY | Bound.RECORDED | Bound.TOLD:
            return False


def _beyond(more: int | None, than: int | None) -> bool:
    """None: without limit."""
    return than is not None and (more is None or more > than)


def _number(fact: Fact) -> int | None:
    return fact.value if isinstance(fact.value, int) else None


def _words(fact: Fact) -> list[str]:
    return [str(word) for word in fact.value] if isinstance(fact.value, list) else []


def _fits(bound: Bound, value: JsonValue) -> bool:
    match bound:
        case Bound.AT_MOST:
            return value is None or (isinstance(value, int) and not isinstance(value, bool))
        case Bound.AT_LEAST:
            return isinstance(value, int) and not isinstance(value, bool)
        case Bound.NOT:
            return isinstance(value, bool)
        case Bound.ONLY | Bound.ALL | Bound.SAME:
            return isinstance(value, list) and all(isinstance(word, str) for word in value)
        case Bound.RECORDED | Bound.RIGHT:
            return value in LADDERS[bound]
        case Bound.TOLD:
            return isinstance(value, str)


def _shown(value: JsonValue) -> str:
    match value:
        case None:
            return "no limit"
        case bool():
            return "yes" if value else "no"
        case []:
            return "none"
        case list():
            return ", ".join(_shown(one) for one in value)
        case str():
            return f'"{value}"'
        case _:
            return str(value)
