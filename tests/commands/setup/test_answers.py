"""``unlocked setup --answers``: a branch set up without a question."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.commands.setup.answers import SetupAnswers, understood
from controller.settings.load import load

SETUP_PAGE = Path(__file__).parents[3] / "docs" / "setup.md"
SetUp = Callable[..., Result]


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_branch_is_set_up(set_up: SetUp, answers: Path, config: Path, tmp_path: Path) -> None:
    said = set_up("--answers", answers)
    assert said.exit_code == 0, said.output
    settings = load(config)
    assert settings.policy.profile == config.with_name("policy.toml")
    assert settings.policy.profile.is_file()
    assert "# GPIO number (Broadcom numbering, 0-27) of the relay.\npin = 17\n" in config.read_text()
    assert (tmp_path / "secrets" / "site-key").is_file()
    assert mode(tmp_path / "secrets") == 0o700
    assert mode(config) == 0o644
    assert "What is left to do" in said.output


def test_the_answers_in_the_documents_can_be_understood(tmp_path: Path) -> None:
    [shown] = re.findall(r"```toml\n(.*?)```", SETUP_PAGE.read_text(), re.DOTALL)
    found = understood(tomllib.loads(shown), tmp_path / "policy.toml")
    assert found.faults == ()
    assert found.setup is not None
    assert set(SetupAnswers.model_fields) == found.setup.model_fields_set


def test_a_second_time_nothing_is_changed(set_up: SetUp, answers: Path, config: Path, tmp_path: Path) -> None:
    set_up("--answers", answers)
    files = [file for file in (*config.parent.iterdir(), *(tmp_path / "secrets").iterdir()) if file.is_file()]
    before = {file: file.read_bytes() for file in files}
    policy = config.with_name("policy.toml")
    policy.write_text(policy.read_text() + "# accepted\n")
    before[policy] = policy.read_bytes()
    said = set_up("--answers", answers)
    assert said.exit_code == 0
    assert "it is so already" in said.output
    assert {file: file.read_bytes() for file in before} == before


def test_other_settings_are_replaced_only_when_told_so(
    set_up: SetUp, answers: Path, more: Path, config: Path
) -> None:
    set_up("--answers", answers)
    first = config.read_text()
    more.write_text('[branch]\nname = "Another Name"\n')
    said = set_up("--answers", answers, "--answers", more)
    assert said.exit_code == 1
    assert "--replace" in said.stderr
    assert config.read_text() == first
    assert set_up("--answers", answers, "--answers", more, "--replace").exit_code == 0
    assert load(config).branch.name == "Another Name"
    assert config.with_name("branch.toml.before").read_text() == first


def test_all_that_is_missing_is_told_at_once_and_nothing_is_done(
    set_up: SetUp, more: Path, config: Path
) -> None:
    more.write_text('[branch]\nauthority = "testshire"\n[doors]\n')
    said = set_up("--answers", more)
    assert said.exit_code == 2
    keys = [line.split(": ")[1] for line in said.stderr.splitlines()]
    assert keys == ["branch.branch", "branch.name", "doors", "setup.policy", "setup.authority_key"]
    assert not config.parent.exists()


def test_missing_secrets_and_the_account_are_told(
    set_up: SetUp, answers: Path, more: Path, config: Path
) -> None:
    more.write_text(
        '[console]\npages = true\n[mqtt]\nenabled = true\nusername = "u"\n'
        '[[cameras]]\nid = "hall"\nurl = "rtsp://camera/1"\nusername = "u"\n'
        '[setup]\npolicy = "nowhere.toml"\n[setup.secrets]\nlms-password = "/tmp/x"\n'
    )
    said = set_up("--answers", answers, "--answers", more)
    assert said.exit_code == 2
    for told in (
        "setup.policy: nowhere.toml: there is no such file",
        "setup.secrets.mqtt-password: it is missing",
        "setup.secrets.camera-hall-password: it is missing",
        "setup.secrets.lms-password: no service needs it",
        "setup.account: it is missing",
    ):
        assert told in said.stderr
    assert not config.exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('[setup]\nsecret = "x"\n', "setup.secret: there is no such key"),
        ('[setup.account]\nname = "two words"\n', "setup.account.name: Use up to 64"),
        ("[setup.authority_key]\n", "setup.authority_key: say one of public_key"),
        ('[setup.authority_key]\nprivate_key_to = "/x"\n', "passphrase_file: it is missing"),
        ('[setup]\npolicy = "suffolk"\n[policy]\nprofile = "/p.toml"\n', "remove one of the two"),
        ("[setup\n", "it is not TOML"),
    ],
)
def test_what_is_wrong_in_the_answers_is_told_with_its_key(
    set_up: SetUp, more: Path, wrong: str, told: str
) -> None:
    more.write_text(wrong)
    said = set_up("--answers", more)
    assert said.exit_code == 2
    assert told in said.stderr
    assert str(more) in said.stderr


def test_secrets_are_copied_and_are_nowhere_else(
    set_up: SetUp, answers: Path, more: Path, config: Path, units: Path, tmp_path: Path
) -> None:
    password = tmp_path / "given"
    password.write_text("pässword\n")
    saved = tmp_path / "saved.toml"
    more.write_text(
        f'[mqtt]\nenabled = true\nusername = "u"\n[setup.secrets]\nmqtt-password = "{password}"\n'
    )
    arguments = ("--answers", answers, "--answers", more, "--save-answers", saved)
    said = set_up(*arguments)
    assert said.exit_code == 0, said.output
    assert "=mqtt-password:" in (units / "unlocked-uplink.service.d" / "secrets.conf").read_text()
    secret = tmp_path / "secrets" / "mqtt-password"
    assert secret.read_text() == "pässword\n"
    assert mode(secret) == mode(saved) == 0o600
    password.write_text("another\n")
    assert "replaced" in set_up(*arguments).output
    assert secret.read_text() == "another\n"
    assert not any("pässword" in text for text in (said.output, saved.read_text(), config.read_text()))
    assert tomllib.loads(saved.read_text())["setup"]["secrets"] == {"mqtt-password": str(password)}


def test_a_pair_is_made_and_its_private_key_carried_out(set_up: SetUp, answers: Path, tmp_path: Path) -> None:
    text = answers.read_text().replace("throw_away = true", f'private_key_to = "{tmp_path}/stick/key.pem"')
    answers.write_text(text + f'passphrase_file = "{tmp_path}/passphrase"\n')
    (tmp_path / "stick").mkdir()
    (tmp_path / "passphrase").write_text("correct horse battery staple\n")
    said = set_up("--answers", answers)
    assert said.exit_code == 0, said.output
    assert sorted(file.name for file in (tmp_path / "stick").iterdir()) == ["key.pem", "key.recovery.txt"]
    assert set_up("--answers", answers).exit_code == 0


def test_secrets_are_encrypted_if_wanted(
    set_up: SetUp, answers: Path, more: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "machine").mkdir()
    monkeypatch.setenv("SYSTEMD_CREDENTIAL_SECRET", str(tmp_path / "machine" / "credential.secret"))
    more.write_text("[setup]\nencrypt = true\n")
    for _ in range(2):
        said = set_up("--answers", answers, "--answers", more)
        assert said.exit_code == 0, said.output
        assert {file.suffix for file in (tmp_path / "secrets").iterdir()} == {".cred"}


TWICE = """
import sys
from controller.commands.main import main
for _ in range(2):
    main(sys.argv[1:], standalone_mode=False)
"""


@pytest.mark.system
def test_the_first_account_can_log_in(
    answers: Path, more: Path, config: Path, units: Path, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("gravel teapot nine sparrows\n")
    more.write_text(
        '[console]\npages = true\n[setup.account]\nname = "head"\ntrained_until = 2099-12-31\n'
        f'password_file = "{tmp_path}/password"\n'
    )
    # In a process of its own: Django is set up once a process.
    command = ["setup", "--answers", answers, "--answers", more, "--config", config, "--units", units]
    said = subprocess.run(
        [sys.executable, "-c", TWICE, *command], capture_output=True, text=True, check=True
    ).stdout
    assert said.index("Account head: added, supervisor") < said.index("Account head: there already")
    assert "gravel" not in said
