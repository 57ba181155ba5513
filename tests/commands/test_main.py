from __future__ import annotations

import subprocess
import sys

from click.testing import CliRunner

from controller.commands.main import NOUNS, main


def test_help_names_every_noun() -> None:
    result = CliRunner().invoke(main, ["-h"])
    assert result.exit_code == 0
    assert all(noun in result.output for noun in NOUNS)


def test_an_unknown_noun_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["frobnicate"]).exit_code == 2


def test_the_version_is_shown() -> None:
    assert CliRunner().invoke(main, ["--version"]).output.startswith("unlocked, version ")


def test_help_imports_no_command() -> None:
    script = (
        "import sys; from controller.commands.main import main; main(['-h'], standalone_mode=False);"
        "print([m for m in sys.modules if m.split('.')[0] in ('pydantic', 'sqlalchemy', 'av', 'cv2')"
        " or m.startswith('controller.commands.') and m != 'controller.commands.main'])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"
