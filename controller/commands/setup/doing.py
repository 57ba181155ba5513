"""What is told is done: profile, settings, keys, secrets, account. Each step finds what is done already.

So whoever is interrupted, or corrects an answer, gives the same command again. Keys that are there are never
made anew, and a policy profile that is there is never overwritten: somebody has accepted what it assumes.
Never here: asking.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from controller.commands import authority_key
from controller.commands.init import make_folder, make_missing_keys
from controller.commands.secret_file import replace_secret, write_secret
from controller.commands.secrets import encrypt_all, hand_out
from controller.commands.setup import writing
from controller.commands.setup.answers import NO_POLICY, Account, Answers
from controller.disk import sync_folder
from controller.secrets import credentials
from controller.secrets.credentials import Secret
from controller.settings.model import Settings
from controller.settings.shipped import profiles

POLICY_FILE = "policy.toml"


def do(answers: Answers, config: Path, text: str, units: Path) -> None:
    """All of it. Raises SettingsError and click.ClickException; what was done before that stays done.

    text: of the settings file. units: where systemd looks for drop-ins.
    """
    _policy(answers.setup.policy, config.parent / POLICY_FILE)
    if config.exists() and not writing.differs(config, text):
        click.echo(f"{config}: it is so already")
    else:
        writing.write(config, text)
        click.echo(f"{config}: written and found right")
    make_folder(answers.branch.branch.secrets_dir)
    _keys(answers)
    _secrets(answers.branch, answers.setup.secrets)
    if answers.setup.encrypt:
        encrypt_all(answers.branch, units)
    else:
        hand_out(answers.branch, units)
    if answers.branch.console.pages and answers.setup.account is not None:
        _account(answers.setup.account, config)


def _policy(chosen: str, file: Path) -> None:
    if chosen in ("", NO_POLICY):
        return
    if file.exists():
        click.echo(f"{file}: there already; it stays as it is")
        return
    try:
        file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        new = file.with_name(f".{file.name}.new")
        writing.put(new, profiles().get(chosen, Path(chosen)).read_text(encoding="utf-8"))
        new.rename(file)
        sync_folder(file.parent)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(f"{file}: the policy profile {chosen}")


def _keys(answers: Answers) -> None:
    from controller.secrets import identity

    folder = answers.branch.branch.secrets_dir
    file = credentials.stored_as(credentials.AUTHORITY_PUBLIC_KEY, folder)
    key = answers.setup.authority_key
    if not file.exists() and key is not None:
        if key.public_key is not None:
            public_key = authority_key.given(key.public_key)
        elif key.private_key_to is not None:
            public_key = authority_key.new_pair(key.private_key_to, key.passphrase_file, answers.branch)
        else:
            public_key = authority_key.thrown_away()
        write_secret(file, identity.public_key_text(public_key))
        click.echo(f"{file} made")
    for made in make_missing_keys(answers.branch):
        click.echo(f"{made} made")


def _secrets(branch: Settings, given: Mapping[str, Path]) -> None:
    for name, source in given.items():
        secret, folder = _read(source), branch.branch.secrets_dir
        file = credentials.stored_as(name, folder)
        if not file.exists():
            write_secret(file, secret.reveal())
            click.echo(f"{file}: copied from {source}")
        elif credentials.read(name, folder).reveal() != secret.reveal():
            replace_secret(folder / name, secret.reveal())
            click.echo(f"{file}: replaced by what {source} holds")


def _account(account: Account, config: Path) -> None:
    from controller.commands.staff import accounts, told_password

    with accounts(config) as record:
        from controller.console.accounts import changes
        from controller.console.accounts.command_line import fault_of_password
        from controller.console.accounts.models import StaffAccount

        if StaffAccount.objects.filter(name=account.name).exists():
            click.echo(f"Account {account.name}: there already")
            return
        password = None
        if account.password_file is not None:
            password = _read(account.password_file).reveal()
            if (fault := fault_of_password(password, account.name)) is not None:
                raise click.ClickException(f"{account.password_file}: {fault}")
        made = changes.add(record, account.name, frozenset(account.roles), account.trained_until, password)[1]
        click.echo(f"Account {account.name}: added, {', '.join(sorted(account.roles))}")
        told_password(made, made=password is None)


def _read(file: Path) -> Secret:
    """What a file holds that is named in the answers."""
    try:
        return credentials.read(file.name, file.resolve().parent)
    except credentials.SecretMissing as error:
        raise click.ClickException(str(error)) from error
