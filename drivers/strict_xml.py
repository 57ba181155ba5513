"""XML from strangers: small, flat documents without any of what makes XML dangerous.

A document type is refused, and with it every entity; so is what is long or deep. Never here: what it means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

LONGEST_BYTES = 256 * 1024
MOST_ELEMENTS = 4000
DEEPEST = 40


class BadXml(Exception):
    """Not well-formed, or more than any honest answer needs."""


@dataclass(slots=True)
class Element:
    """name: with its namespace before it and a space between, as in "http://… Probe"."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Element]:
        """Those of this name at any depth, itself among them."""
        if self.name == name:
            yield self
        for child in self.children:
            yield from child.all(name)

    def value(self, name: str) -> str:
        """Text of the first of this name, "" where there is none."""
        return next((found.text.strip() for found in self.all(name)), "")


def parse(data: bytes) -> Element:
    """The root. Raises BadXml."""
    if len(data) > LONGEST_BYTES:
        raise BadXml(f"longer than {LONGEST_BYTES} bytes")
    return _Builder().build(data)


class _Builder:
    def __init__(self) -> None:
        self._open: list[Element] = []
        self._root: Element | None = None
        self._count = 0

    def build(self, data: bytes) -> Element:
        # As UTF-8, whatever encoding it claims to be in.
        parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(data, True)
        except (expat.ExpatError, ValueError) as error:
            raise BadXml(str(error)) from error
        if self._root is None:
            raise BadXml("empty")
        return self._root

    def _refuse(self, *_: object) -> None:
        raise BadXml("it has a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise BadXml("too many elements, or too deep")
        element = Element(name, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text
