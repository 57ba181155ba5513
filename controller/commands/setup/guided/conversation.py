"""Questions and answers at a terminal. Each answer is on the disk before the next question.

What was answered is in a file of answers beside the settings, so that a closed terminal loses nothing; no
secret is in it. Never here: what is asked.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import click
from pydantic import TypeAdapter, ValidationError

from controller.commands.init import make_folder
from controller.commands.secret_file import replace_secret, write_secret
from controller.commands.setup import writing
from controller.disk import sync_folder
from controller.secrets import credentials
from controller.secrets.credentials import Secret
from controller.settings import toml_file
from controller.settings.load import EXAMPLE, PATTERNS
from controller.settings.section import Section
from controller.settings.toml_text import document

FILE = "setup-answers.toml"
ASKED = "asked"
"""In the file, and in no other file of answers: the parts that were gone through."""
WIDEST = 100
SECRETS = "/etc/unlocked/secrets"
Answer = TypeVar("Answer")
Table = dict[str, object]


def field(model: type[Section], key: str) -> Callable[[str], object]:
    """What is typed, as a value of this key. Raises click.BadParameter with what it must be."""
    found = model.model_fields[key]
    adapter: TypeAdapter[object] = TypeAdapter(Annotated[found.annotation, found])  # type: ignore[arg-type]

    def convert(typed: str) -> object:
        try:
            return adapter.validate_python(typed, strict=False)
        except ValidationError as error:
            faults = toml_file.faults(error, typed, example=EXAMPLE, patterns=PATTERNS)
            raise click.BadParameter(faults[0].partition(": ")[2]) from error

    return convert


class Conversation:
    """The answers so far, with those of settings that are there already as defaults."""

    def __init__(self, config: Path) -> None:
        """config: the settings that will be written. Raises SettingsError."""
        self.file = config.parent / FILE
        self._asked: list[str] = []
        self.begun = self.file.exists()
        self.found: Table = {}
        for file in (self.file, config):
            if file.exists():
                self.found = toml_file.parsed(file, toml_file.read(file, ""))
                asked = self.found.pop(ASKED, [])
                self._asked = [str(name) for name in asked] if isinstance(asked, list) else []
                break

    # --- what was answered ---------------------------------------------------------------------------

    def was_asked(self, part: str) -> bool:
        return part in self._asked

    def ask_again(self, part: str) -> None:
        self._asked.remove(part)

    def went_through(self, part: str) -> None:
        self._asked.append(part)
        self.save()

    def table(self, *path: str) -> Table:
        """The table there, made if it is not there. What is put into it is kept by ``save``."""
        table = self.found
        for name in path:
            below = table.setdefault(name, {})
            if not isinstance(below, dict):
                below = table[name] = {}
            table = below
        return table

    def tables(self, name: str) -> list[Table]:
        """The list of tables of this name, which may be added to."""
        found = self.found.setdefault(name, [])
        if not isinstance(found, list):
            found = self.found[name] = []
        return found

    def drop(self, *path: str) -> None:
        *above, name = path
        self.table(*above).pop(name, None)
        self.save()

    def save(self) -> None:
        """Raises click.ClickException."""
        new = self.file.with_name(f".{FILE}.new")
        try:
            self.file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            writing.put(new, document({ASKED: self._asked, **self.found}), 0o600)
            new.rename(self.file)
            sync_folder(self.file.parent)
        except OSError as error:
            remedy = "; run it as root" if isinstance(error, PermissionError) else ""
            raise click.ClickException(f"{self.file}: {error.strerror}{remedy}") from error

    # --- asking --------------------------------------------------------------------------------------

    def ask(
        self,
        question: str,
        table: Table,
        key: str,
        convert: Callable[[str], object],
        default: object = None,
    ) -> object:
        """Keep the answer as ``key`` of ``table``; what is there already is the default."""
        shown = table.get(key, default)
        answer = click.prompt(
            question, default=shown, show_default=shown != "", value_proc=lambda typed: convert(str(typed))
        )
        if answer == default and key not in table:
            return answer  # the file shows it as its default
        table[key] = answer
        self.save()
        return answer

    def choose(self, question: str, options: Sequence[tuple[Answer, str]], default: Answer) -> Answer:
        """One of a numbered list."""
        click.echo(question)
        for number, (_, words) in enumerate(options, start=1):
            click.echo(f"{number:3}. {words}")
        first = next((number for number, (each, _) in enumerate(options, start=1) if each == default), 1)
        chosen = click.prompt("Number", default=first, type=click.IntRange(1, len(options)))
        return options[int(chosen) - 1][0]

    def secret(self, name: str, question: str) -> None:
        """Typed without being shown, and put into the secrets folder at once: it is in no answers."""
        folder = Path(str(self.table("branch").get("secrets_dir", SECRETS)))
        there = credentials.stored_as(name, folder).exists()
        keep = " (Enter keeps the one that is there)" if there else ""
        typed = click.prompt(
            f"{question}{keep}", hide_input=True, default="" if there else None, show_default=False
        )
        if not typed:
            return
        make_folder(folder)
        put = replace_secret if there else write_secret
        put(folder / name, Secret(str(typed)).reveal())


def yes(question: str, *, default: bool) -> bool:
    return click.confirm(question, default=default)


def tell(words: str) -> None:
    """A line or two that explain the next question."""
    width = min(shutil.get_terminal_size().columns, WIDEST)
    click.secho("\n".join(click.wrap_text(line, width) for line in words.splitlines()), dim=True)


def plain(value: object) -> object:
    """A validated answer as TOML has it."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value
