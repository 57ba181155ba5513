"""The notice as documents: a web page, plain text, and the sign for the door to be printed.

The same content always makes the same bytes, so that a hash of them can be published. Every value is
escaped in HTML. Never here: what the notice says (``wording``).
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import asdict, dataclass
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from controller.notice.content import Content

WIDTH = 78
"""Characters in a line of plain text."""
FILES = {"notice.html": "notice.html.j2", "notice.txt": "notice.txt.j2", "sign.html": "sign.html.j2"}
"""By the name of the document: its template."""


@dataclass(frozen=True, slots=True)
class Document:
    """name: of the file."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Of the file, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()


def render(content: Content) -> dict[str, Document]:
    """All documents, by name."""
    values = asdict(content)
    return {name: Document(name, _render(template, values)) for name, template in FILES.items()}


def _render(template: str, values: dict[str, object]) -> str:
    environment = Environment(
        loader=PackageLoader("controller.notice"),
        autoescape=select_autoescape(("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(lines=_lines, bullet=_bullet, heading=_heading)
    text = environment.get_template(template).render(values)
    return text if template.endswith(".html.j2") else re.sub(r"\n{3,}", "\n\n", text)


def _lines(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)


def _bullet(text: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent="- ",
        subsequent_indent="  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"
