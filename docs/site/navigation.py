"""The site's navigation: what README.md lists under "More", in its order and with its captions.

So that a page is put in one place only. A page that the README does not list would be no part of the
navigation, which the build refuses. Never here: how pages look (``conf``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEADING = "## More\n"
CAPTION = re.compile(r"^([A-Z][^\[\]]*):$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s:]+\.md)\)")
FOLDER = re.compile(r"^(?P<folder>.+)/README$")


class Unlisted(Exception):
    """The README cannot be read as a navigation, or lacks pages."""


@dataclass(frozen=True, slots=True)
class Group:
    """pages: without ``.md``, from the repository's root. A folder's README stands for all pages in it."""

    caption: str
    pages: tuple[str, ...]


def groups(readme: str) -> list[Group]:
    """Raises Unlisted."""
    _, found, more = readme.partition(HEADING)
    parts = CAPTION.split(more)[1:]
    if not found or not parts:
        raise Unlisted(
            'README.md: it has no list of pages under "## More", each part of it under a caption "…:"'
        )
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [
        Group(caption, tuple(dict.fromkeys(link.removesuffix(".md") for link in LINK.findall(listed))))
        for caption, listed in pairs
    ]


def as_toctrees(readme: str, root: Path) -> str:
    """What is to be added to the first page. Raises Unlisted."""
    found = groups(readme)
    listed = {page for group in found for page in group.pages}
    there = {str(page.relative_to(root).with_suffix("")) for page in root.glob("docs/*.md")}
    if missing := sorted(there - listed):
        raise Unlisted(f'README.md: list these pages under "## More": {", ".join(missing)}')
    return "\n".join(line for group in found for line in _toctree(group))


def folders(readme: str) -> Iterator[str]:
    """Of which all pages belong to the site."""
    for group in groups(readme):
        yield from (found["folder"] for page in group.pages if (found := FOLDER.match(page)))


def _toctree(group: Group) -> Iterator[str]:
    yield ""
    yield "```{toctree}"
    yield ":hidden:"
    yield f":caption: {group.caption}"
    yield from group.pages
    yield "```"
