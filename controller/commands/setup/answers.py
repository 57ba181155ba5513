"""What ``unlocked setup`` is told: the settings of the branch, and the table ``[setup]`` of an answers file.

An answers file is a branch.toml, as short as one likes, with ``[setup]`` beside its tables: what is done
once and stands in no settings. Secrets are in it as names of files only. Never here: asking, or doing what is
told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from controller.console.accounts import names
from controller.settings import load, toml_file
from controller.settings.model import Settings
from controller.settings.section import Day, Section
from controller.settings.staff import Role
from controller.settings.toml_file import SettingsError

HELP = "docs/setup.md"
NO_POLICY = "none"


def _account_name(typed: str) -> str:
    try:
        return names.checked(typed)
    except names.NameUnusable as error:
        raise ValueError(str(error)) from error


class AuthorityKey(Section):
    """public_key: the one that another branch has. private_key_to: where a new pair's private key goes.

    throw_away: no private key is kept, which is for demos and tests.
    """

    public_key: Path | None = None
    private_key_to: Path | None = None
    passphrase_file: Path | None = None
    throw_away: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.public_key is not None) + (self.private_key_to is not None) + self.throw_away != 1:
            raise ValueError(
                "say one of public_key, the file of another branch of the authority; private_key_to, where a "
                "new private key goes; or throw_away = true, for demos"
            )
        return self


class Account(Section):
    """The first account of the staff pages. password_file: holds its password."""

    name: Annotated[str, AfterValidator(_account_name)]
    roles: tuple[Role, ...] = Field(default=(Role.SUPERVISOR,), min_length=1)
    trained_until: Day | None = None
    password_file: Path | None = None


class SetupAnswers(Section):
    """policy: the id of a profile that comes with the controller, a profile's file, or "none".

    secrets: by name, the file that each is copied from. encrypt: all in the secrets folder, to this machine.
    """

    policy: str = ""
    authority_key: AuthorityKey | None = None
    secrets: dict[str, Path] = Field(default_factory=dict)
    encrypt: bool = False
    account: Account | None = None


class _Beside(Section):
    """The table under its name, so that faults are told with it."""

    setup: SetupAnswers = SetupAnswers()


@dataclass(frozen=True, slots=True)
class Answers:
    """settings: as they are to be written, validated in ``branch``."""

    settings: Mapping[str, object]
    branch: Settings
    setup: SetupAnswers


@dataclass(frozen=True, slots=True)
class Understood:
    """faults: a line each, with the key. branch, setup: None where theirs left nothing to go on with."""

    settings: Mapping[str, object]
    branch: Settings | None
    setup: SetupAnswers | None
    faults: tuple[str, ...]


def read(files: Sequence[Path]) -> dict[str, object]:
    """What the files say together; of what several say, the last. Raises SettingsError."""
    found: dict[str, object] = {}
    for file in files:
        found = merged(found, toml_file.parsed(file, toml_file.read(file, f"{HELP} shows how to write one")))
    return found


def merged(first: Mapping[str, object], second: Mapping[str, object]) -> dict[str, object]:
    """Tables are joined; lists and values of ``second`` stand instead of those of ``first``."""
    both = dict(first)
    for name, value in second.items():
        before = both.get(name)
        both[name] = (
            merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
        )
    return both


def understood(found: Mapping[str, object], policy_file: Path) -> Understood:
    """policy_file: where the policy profile that is chosen will be."""
    settings = {name: value for name, value in found.items() if name != "setup"}
    faults: list[str] = []
    setup = branch = None
    try:
        setup = _Beside.model_validate({"setup": found.get("setup", {})}, strict=False).setup
    except ValidationError as error:
        faults += toml_file.faults(error, found, example=HELP, patterns={})
    if setup is not None and setup.policy not in ("", NO_POLICY):
        policy = settings.get("policy", {})
        if isinstance(policy, Mapping) and "profile" in policy:
            faults.append("setup.policy: policy.profile names a profile as well; remove one of the two")
        settings = merged(settings, {"policy": {"profile": str(policy_file)}})
    try:
        branch = Settings.model_validate(settings, strict=False)
    except ValidationError as error:
        faults += toml_file.faults(error, settings, example=load.EXAMPLE, patterns=load.PATTERNS)
    return Understood(settings, branch, setup, tuple(faults))


def complete(
    found: Mapping[str, object], source: Path, policy_file: Path, *, asking: bool = False
) -> Answers:
    """Raises SettingsError with all that is wrong or missing.

    source: named in its lines. asking: somebody is there to type passwords, and to read one that is made.
    """
    from controller.commands.setup.lacking import lacking

    got = understood(found, policy_file)
    faults = [*got.faults, *lacking(got.setup, got.branch, asking=asking)]
    if faults or got.setup is None or got.branch is None:
        raise SettingsError(source, faults)
    return Answers(got.settings, got.branch, got.setup)
