"""What the documents point to is there: pages and headings, and the code that ARCHITECTURE.md names."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name

import pytest

from controller.core.access import Reason
from controller.doctor.parts import PARTS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"`([^`\n]+)`")
DOTTED = re.compile(r"(core|door|drivers|store|secrets|uplink|controller)(\.\w+)+")
FILE = re.compile(r"[a-z_]+(/[a-z_]+)+(\.py)?")
PACKAGES = {path.name for path in (ROOT / "controller").iterdir() if path.is_dir()}


def links() -> Iterator[tuple[Path, str, str]]:
    for page in PAGES:
        for target, heading in LINK.findall(page.read_text()):
            yield page, target, heading


@pytest.mark.parametrize(("page", "target", "heading"), list(links()))
def test_a_link_leads_somewhere(page: Path, target: str, heading: str) -> None:
    there = (page.parent / target).resolve() if target else page
    assert there.exists()
    if heading:
        assert heading in headings(there)


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.stem)
def test_the_readme_lists_each_page_once(page: Path) -> None:
    listed = (ROOT / "README.md").read_text().split("## More\n")[1]
    assert listed.count(f"](docs/{page.name})") == 1


def headings(page: Path) -> set[str]:
    """As pages on GitHub name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def named(shape: re.Pattern[str]) -> list[str]:
    found = CODE.findall((ROOT / "ARCHITECTURE.md").read_text())
    return sorted({name for code in found if shape.fullmatch(name := code.split("(")[0])})


EVENTS = {"door.unlocked"}
"""Names with a dot that are no code."""


@pytest.mark.parametrize("name", [name for name in named(DOTTED) if name not in EVENTS])
def test_the_code_that_architecture_names_is_there(name: str) -> None:
    first = name.split(".")[0]
    assert resolve_name(f"controller.{name}" if first in PACKAGES else name) is not None


@pytest.mark.parametrize("name", named(FILE))
def test_the_files_that_architecture_names_are_there(name: str) -> None:
    assert (ROOT / name).exists() or (ROOT / "controller" / name).exists()


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name.split("-")[0] for page in (ROOT / "docs" / "decisions").glob("[0-9]*.md")]
    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_each_part_of_the_doctor_has_a_symptom() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text()
    missing = [part.name for part in PARTS if f"`{part.name}`" not in text]
    assert missing == [], "docs/troubleshooting.md: say by which symptom people come to these parts"


def test_each_reason_for_a_refusal_has_a_remedy() -> None:
    text = (ROOT / "docs" / "troubleshooting.md").read_text()
    missing = [reason.value for reason in Reason if f"`{reason.value}`" not in text]
    assert missing == [], "docs/troubleshooting.md: say what to do about these refusals"


def test_the_drawings_are_as_they_are_drawn() -> None:
    """And their pins are those of the example's settings."""
    found = subprocess.run(
        [sys.executable, "-c", "import drawings; print(repr({str(f): s for f, s in drawings.files()}))"],
        cwd=ROOT / "docs" / "site",
        capture_output=True,
        text=True,
        check=True,
    )
    drawn = ast.literal_eval(found.stdout)
    assert {file: Path(file).read_text() for file in drawn} == drawn
    assert {Path(file).name for file in drawn} == {file.name for file in (ROOT / "docs" / "wiring").iterdir()}
    example = (ROOT / "config" / "branch.example.toml").read_text()
    pins = {int(pin) for pin in re.findall(r"^#?(?:\w+_)?pin = (\d+)$", example, re.MULTILINE)}
    header = (ROOT / "docs" / "wiring" / "header.svg").read_text()
    assert {int(pin) for pin in re.findall(r"GPIO (\d+)", header)} <= pins
