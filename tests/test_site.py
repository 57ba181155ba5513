"""The documentation's site: it builds without a warning, has every page, and fetches nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
SITE = ROOT / "docs" / "site"
SOAK = os.environ.get("UNLOCKED_SOAK") == "1"


@pytest.fixture(scope="module")
def navigation() -> ModuleType:
    spec = spec_from_file_location("navigation", SITE / "navigation.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["navigation"] = module
    spec.loader.exec_module(module)
    return module


def build(builder: str, out: Path) -> None:
    """As ``make docs`` does, with all that the builder finds wrong as errors."""
    # A child, since Sphinx changes the process it runs in.
    command = [
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        builder,
        "-c",
        str(SITE),
        "-d",
        str(out / "d"),
    ]
    found = subprocess.run(
        [sys.executable, *command, str(ROOT), str(out / "site")], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")


def test_every_page_and_link_is_found(tmp_path: Path) -> None:
    """Without writing it out, which takes three times as long: see the next."""
    build("dummy", tmp_path)


FETCHED = re.compile(r"<(?:link|script|img|iframe|source|video|object)\b[^>]*?(?:href|src|data)=\"([^\"]+)\"")
IN_CSS = re.compile(r"(?:url\(|@import\s+)[\"']?([^\"')\s]+)")


@pytest.mark.timeout(600)
@pytest.mark.skipif(not SOAK, reason="takes a quarter of a minute; UNLOCKED_SOAK=1")
def test_the_pages_fetch_nothing_from_elsewhere(tmp_path: Path) -> None:
    build("html", tmp_path)
    pages = list((tmp_path / "site").rglob("*.html"))
    assert len(pages) > 50
    there = {found for page in pages for found in FETCHED.findall(page.read_text())}
    there |= {
        found for sheet in (tmp_path / "site").rglob("*.css") for found in IN_CSS.findall(sheet.read_text())
    }
    assert {one for one in there if re.match(r"(https?:)?//", one)} == set()


README = """# Title
## More

Setting up:

- [docs/b.md](docs/b.md): b; [docs/a.md](docs/a.md): a, as [there](https://example.org/c.md)
  and [b](docs/b.md)

How it is made:

- [LICENSE](LICENSE), [docs/decisions](docs/decisions/README.md)
"""


def test_the_navigation_is_what_the_readme_lists(navigation: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("a", "b"):
        (tmp_path / "docs" / f"{name}.md").write_text("")
    assert [(group.caption, group.pages) for group in navigation.groups(README)] == [
        ("Setting up", ("docs/b", "docs/a")),
        ("How it is made", ("docs/decisions/README",)),
    ]
    assert list(navigation.folders(README)) == ["docs/decisions"]
    assert "docs/b\ndocs/a\n```" in navigation.as_toctrees(README, tmp_path)


def test_a_page_that_is_not_listed_is_named(navigation: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "forgotten.md").write_text("")
    with pytest.raises(navigation.Unlisted, match=r"README\.md: list these pages .*: docs/forgotten$"):
        navigation.as_toctrees(README, tmp_path)
    with pytest.raises(navigation.Unlisted, match="it has no list of pages"):
        navigation.groups("# Title\n")
