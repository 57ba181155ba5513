"""Prints the man page of ``unlocked``, or bash's completion: made from the commands, hence true."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from click.shell_completion import BashComplete

sys.path.insert(0, str(Path.cwd()))

from controller.commands.main import NOUNS, main

FILES = {
    "/etc/unlocked/branch.toml": "The settings of the branch; unlocked check FILE judges them.",
    "/etc/unlocked/secrets": "A file for each key and password, for root alone.",
    "/var/lib/unlocked": "Journals, memberships, registers and footage, in a folder of each service.",
    "/opt/unlocked/current": "The release in use; /opt/unlocked/bin/switch back returns to the last.",
    "/usr/share/doc/unlocked/docs": "The documentation.",
}
EXIT = {"0": "Done.", "1": "Not done; the message says why.", "2": "The command or the settings are wrong."}


def man(version: str, when: datetime) -> str:
    """The page in roff, section 8."""
    lines = [f'.TH UNLOCKED 8 "{when:%Y-%m-%d}" "{version}" "Libraries Unlocked"']
    lines += [".SH NAME", r"unlocked \- the controller of a library branch that is open without staff"]
    lines += [".SH SYNOPSIS", ".B unlocked", r"\fINOUN\fR [\fICOMMAND\fR] [\fIOPTION\fR]..."]
    lines += [".SH DESCRIPTION", text(main.help or ""), "Each command says more with", r"\fB\-\-help\fR."]
    lines.append(".SH COMMANDS")
    context = click.Context(main, info_name="unlocked")
    for noun in NOUNS:
        command = main.get_command(context, noun)
        assert command is not None
        lines += [".TP", rf"\fB{text(noun)}\fR", text(NOUNS[noun])]
        if isinstance(command, click.Group):
            lines.append(".RS")
            for name, part in command.commands.items():
                lines += [".TP", rf"\fB{text(noun)} {text(name)}\fR", text(part.get_short_help_str(200))]
            lines.append(".RE")
    for heading, known in (("FILES", FILES), ("EXIT STATUS", EXIT)):
        lines.append(f".SH {heading}")
        for name, said in known.items():
            lines += [".TP", text(name), text(said)]
    return "\n".join(lines)


def text(plain: str) -> str:
    """Words of ours as roff, on one line that does not begin with a request."""
    line = " ".join(plain.split()).replace("\\", "\\e").replace("-", r"\-")
    return rf"\&{line}" if line.startswith((".", "'")) else line


if __name__ == "__main__":
    if sys.argv[1] == "man":
        print(man(sys.argv[2], datetime.fromtimestamp(int(sys.argv[3]), UTC)))  # noqa: T201 -- that is its use
    else:
        print(BashComplete(main, {}, "unlocked", "_UNLOCKED_COMPLETE").source())  # noqa: T201 -- that is its use
