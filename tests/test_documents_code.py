"""What the documents tell people to type is there: commands, options, settings; and a shell parses it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import yaml
from markdown_it import MarkdownIt
from pydantic import ValidationError

from controller.commands.main import main
from controller.settings.model import Settings

ROOT = Path(__file__).parents[1]
PAGES = [
    page
    for page in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
    if page.name != "CHANGELOG.md"  # it tells of commands as they were
]
SHELL = {
    *(
        "sudo",
        "unlocked",
        "make",
        "git",
        "python",
        "python3",
        "cp",
        "mkdir",
        "cd",
        ".",
        "curl",
        "ssh",
        "ssh-keygen",
    ),
    *(
        "apt",
        "apt-get",
        "dpkg",
        "pip",
        "npm",
        "nft",
        "systemctl",
        "journalctl",
        "socat",
        "ffmpeg",
        "sha256sum",
    ),
    *("minisign", "openssl", "age", "age-keygen", "./mqtt-ca", "mosquitto_sub", "mosquitto_pub"),
    *("/usr/sbin/mosquitto", "GPIOZERO_PIN_FACTORY=mock"),
}
"""What a block begins with that is for a shell."""
STARTS = {"sudo", "GPIOZERO_PIN_FACTORY=mock"}
PLACEHOLDERS = str.maketrans("<>…", "___")


@dataclass(frozen=True, slots=True)
class Block:
    page: Path
    line: int
    text: str
    language: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks() -> Iterator[Block]:
    markdown = MarkdownIt("commonmark")
    for page in PAGES:
        for token in markdown.parse(page.read_text()):
            if token.type in {"fence", "code_block"}:
                assert token.map is not None
                yield Block(
                    page, token.map[0] + 1, token.content, token.info.strip() or guessed(token.content)
                )


def guessed(text: str) -> str:
    words = text.split()
    if words[0] in SHELL:
        return "sh"
    if words[0] == "$":
        return "transcript"
    if re.match(r"\[\[?[a-z_.]+\]\]?\n", text):
        return "toml"
    if text.startswith(("{", "steps:")):
        return "json" if text.startswith("{") else "yaml"
    return "text"


BLOCKS = list(blocks())


def of(*languages: str) -> list[Block]:
    return [block for block in BLOCKS if block.language in languages]


def commands() -> Iterator[tuple[str, str]]:
    """Lines for a shell that call ``unlocked``, with where they stand."""
    for block in of("sh", "transcript"):
        text = block.text.replace("\\\n", " ")
        for line in text.splitlines():
            line = line.strip()
            if block.language == "transcript":
                if not line.startswith("$ "):
                    continue
                line = line.removeprefix("$ ")
            for part in re.split(r"\s(?:\||&&|;)\s", line.split(" #")[0]):
                words = part.split()
                while words and words[0] in STARTS:
                    words.pop(0)
                if words and words[0] == "unlocked":
                    yield str(block), " ".join(words)


def parsed(words: list[str]) -> None:
    """Raises click.UsageError for what a command would not take, KeyError for what is no command."""
    group, context = main, click.Context(main, info_name="unlocked")
    while True:
        _options, rest, _ = group.make_parser(context).parse_args(list(words))
        if not isinstance(group, click.Group):
            return
        if not rest:
            return  # its help
        found = group.get_command(context, rest[0])
        if found is None:
            raise KeyError(rest[0])
        group, context, words = found, click.Context(found, context, rest[0]), rest[1:]


def test_there_are_blocks_of_each_kind() -> None:
    """Or the reading of the documents is broken, and nothing is checked."""
    assert {"sh", "toml", "json", "text"} <= {block.language for block in BLOCKS}
    assert len(list(commands())) > 50


@pytest.mark.parametrize(("where", "line"), list(commands()))
def test_a_command_in_a_block_is_one_that_the_program_takes(where: str, line: str) -> None:
    words = shlex.split(line.translate(PLACEHOLDERS))[1:]
    words = words[: next((at for at, word in enumerate(words) if word in {">", "<", "2>", "&"}), None)]
    parsed(words)


CODE = re.compile(r"`(?:sudo )?(unlocked [^`\n]+)`")


def spans() -> list[str]:
    return sorted({span for page in PAGES for span in CODE.findall(page.read_text())})


@pytest.mark.parametrize("span", spans())
def test_a_command_in_a_sentence_is_there_with_its_options(span: str) -> None:
    """Of ``a|b`` both; capital letters stand for what is to be put in."""
    found: list[click.Command] = [main]
    options: list[str] = []
    for word in re.split(r"[\s\[\]]+", span.replace("\\|", "|"))[1:]:
        if word.startswith("--"):
            options.append(word.split("=")[0].rstrip(".,;"))
        elif not options and all(isinstance(one, click.Group) for one in found):
            if not re.fullmatch(r"[a-z-]+(\|[a-z-]+)*", word):
                break
            context = click.Context(main)
            deeper = [
                one.get_command(context, name)
                for one in found
                if isinstance(one, click.Group)
                for name in word.split("|")
            ]
            assert None not in deeper, f"no such command: {word}"
            found = [one for one in deeper if one is not None]
    known = {
        option
        for one in (main, *found)
        for param in one.params
        for option in param.opts + param.secondary_opts
    }
    known |= {"--help", "--version"}
    assert set(options) <= known


def test_a_shell_parses_each_block_for_a_shell() -> None:
    script = []
    for block in of("sh", "bash"):
        text = block.text.translate(PLACEHOLDERS)
        found = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)
        if found.returncode:
            script.append(f"{block}: {found.stderr}")
    assert script == []


OF_MANY = ("doors", "cameras", "staff")
"""Tables of which there are several: a part may begin inside of one."""
OTHER_FILES = {"texts", "cards"}
"""The first tables of files that are not branch.toml."""
BESIDE = {"setup"}
"""Tables of the file of answers, which has settings too."""


@pytest.mark.parametrize("block", of("toml"), ids=str)
def test_settings_in_a_block_are_settings(block: Block) -> None:
    """Part of them, as far as it goes: what a part leaves out, or puts as …, is no fault of the block."""
    said = tomllib.loads(block.text)
    if OTHER_FILES & set(said):
        return
    for name in OF_MANY:
        if isinstance(said.get(name), dict):
            said[name] = [said[name]]
    try:
        Settings.model_validate({name: table for name, table in said.items() if name not in BESIDE})
    except ValidationError as error:
        wrong = [
            one["msg"]
            for one in error.errors(include_context=False)
            if one["type"] != "missing" and " needs " not in one["msg"] and "…" not in str(one["input"])
        ]
        assert wrong == []


@pytest.mark.parametrize("block", of("json", "yaml"), ids=str)
def test_data_in_a_block_can_be_read(block: Block) -> None:
    text = block.text.replace("…", "")
    if block.language == "json":
        json.loads(text)
    else:
        yaml.safe_load(text)
