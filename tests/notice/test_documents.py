"""The notice as documents: complete, escaped, the same bytes each time, and sound HTML."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from controller.notice.rendering import WIDTH, render
from controller.notice.wording import content_of
from controller.settings.model import Settings
from controller.settings.policy.profile import Profile

Changed = Callable[..., Settings]
Profiles = Callable[..., Profile]
NAMES = ("worcestershire", "south-ayrshire", "suffolk")
VOID = {"meta", "link", "br", "img"}


class Outline(HTMLParser):
    """Headings, header cells and text of a page; asserts that every tag is closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def texts(settings: Settings, profile: Profile) -> dict[str, str]:
    return {name: document.text for name, document in render(content_of(settings, profile)).items()}


@pytest.mark.parametrize("name", NAMES)
def test_page_and_text_say_what_the_profile_has(settings: Settings, profile: Profiles, name: str) -> None:
    found, policy = texts(settings, profile(name)), profile(name)
    for document in (Outline(found["notice.html"]).words, " ".join(found["notice.txt"].split())):
        sentences = [category.sentence for category in policy.categories]
        sentences += [*policy.notice.purposes, *policy.notice.sharing, policy.sha256]
        sentences += [recipient.who for recipient in policy.recipients]
        assert [sentence for sentence in sentences if sentence not in document] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_page_can_be_read_out(settings: Settings, profile: Profiles, name: str) -> None:
    found = texts(settings, profile(name))
    for document in (found["notice.html"], found["sign.html"]):
        page = Outline(document)
        assert page.tags[0] == ("html", {"lang": "en-GB"})
        assert page.headings.count(1) == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(page.headings))
        assert page.headings[0] == 1
        assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th")
        tables = [tag for tag, _ in page.tags].count("table")
        assert [tag for tag, _ in page.tags].count("caption") == tables
        assert not {tag for tag, _ in page.tags} & {"script", "link", "img"}  # nothing from elsewhere
        assert page.text.strip()


def test_the_same_branch_makes_the_same_bytes(settings: Settings, profile: Profiles) -> None:
    assert texts(settings, profile()) == texts(settings, profile())


def test_what_is_in_the_settings_is_escaped(changed: Changed, profile: Profiles) -> None:
    found = texts(changed(branch={"name": "<b>A & B</b>"}), profile())
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in found["notice.html"]
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in found["sign.html"]
    assert "<b>A & B</b>" in found["notice.txt"]


def test_the_text_fits_a_terminal(settings: Settings, profile: Profiles) -> None:
    for name in NAMES:
        lines = texts(settings, profile(name))["notice.txt"].splitlines()
        assert [line for line in lines if len(line) > WIDTH and " " in line.strip("- ")] == []


def test_a_draft_says_so_and_what_is_live_does_not(
    settings: Settings, profile: Profiles, accepted: Profiles
) -> None:
    for name, document in texts(settings, profile()).items():
        assert "draft" in document.lower(), name
    for document in texts(settings, accepted()).values():
        assert "not in force" not in document.lower()


def test_the_sign_says_who_records_why_for_how_long_and_whom_to_ask(
    settings: Settings, accepted: Profiles
) -> None:
    sign = Outline(texts(settings, accepted())["sign.html"]).words
    for words in (
        "Cameras are recording",
        "is run by Worcestershire County Council",
        "for the purposes of security",
        "destroyed after 14 days",
        "No sound is recorded",
        "kept for 90 days",
        "01905 765765",
        "Dated 4 March 2025",
    ):
        assert words in sign


@pytest.mark.parametrize("name", ["south-ayrshire", "suffolk"])
def test_where_nothing_is_recorded_the_sign_does_not_say_that_cameras_record(
    settings: Settings, accepted: Profiles, name: str
) -> None:
    found = texts(settings, accepted(name=name))
    assert "Cameras are recording" not in found["sign.html"]
    assert "nothing is recorded: no period is set" in found["notice.html"]


def test_what_is_switched_on_is_told(changed: Changed, accepted: Profiles) -> None:
    policy, usual = accepted(), texts(changed(), accepted())["notice.txt"]
    for tables, words in (
        ({"pin": {"offline": True}}, "So that a PIN can be checked here"),
        ({"occupancy": {"estimate": True}}, "How many people are inside is estimated"),
        ({"occupancy": {"estimate": True, "publish": True}}, "A rounded number of people"),
        ({"passages": {"evidence": True}}, "more people may have come in"),
        ({"footage": {"retention_days": 21}}, "destroyed after 21 days"),
    ):
        assert words not in usual
        assert words in texts(changed(**tables), policy)["notice.txt"]
