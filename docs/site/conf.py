"""How the site is built: Sphinx over the Markdown that is read in the repository as well, in Furo's look.

Everything is in the built folder: no font, script or picture is fetched from anywhere, and it can be read
offline. Built by ``make docs``; a warning fails it. Pages are found by README.md's list (``navigation``).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))

import navigation  # noqa: E402 -- beside this file, which is no package

project = "Libraries Unlocked"
author = ""
html_title = "Libraries Unlocked"
html_show_copyright = html_show_sphinx = False
language = "en_GB"

README = (ROOT / "README.md").read_text()
root_doc = "README"
extensions = ["myst_parser"]
include_patterns = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/*.md"]
include_patterns += [f"{folder}/*.md" for folder in navigation.folders(README)]
exclude_patterns = [".*", "build", "tests", "controller", "simulator", "drivers", "mutants", "docs/site"]

myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
suppress_warnings: list[str] = []
pygments_style = "friendly"
pygments_dark_style = "native"

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["root"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}


LINK = re.compile(r"\[([^\]]+)\]\(([^)#:\s]+)\)")


def _without_folders(text: str, page: Path) -> str:
    """A link to a folder of the repository leads somewhere in the repository only: here it is its words."""

    def said(found: re.Match[str]) -> str:
        return found[1] if (page.parent / found[2]).is_dir() else found[0]

    return LINK.sub(said, text)


def _navigation(_app: Sphinx, page: str, source: list[str]) -> None:
    source[0] = _without_folders(source[0], ROOT / f"{page}.md")
    if page == root_doc:
        try:
            source[0] += "\n" + navigation.as_toctrees(source[0], ROOT)
        except navigation.Unlisted as error:
            raise ExtensionError(str(error)) from error
    elif page.endswith("/README"):
        source[0] += "\n```{toctree}\n:glob:\n:maxdepth: 1\n[0-9]*\n```\n"


def setup(app: Sphinx) -> None:
    app.connect("source-read", _navigation)
