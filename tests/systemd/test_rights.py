"""Who may read and write what, tried by real services and as each user; and what leaks from them."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import resource
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.ipc import door_commands, membership_commands
from controller.secrets import age_file, credentials
from controller.settings import rights
from controller.settings.load import load
from controller.settings.rights import LOGINS, OTHERS, SERVICES, WHO
from controller.store.owner import open_owner
from simulator import other_users
from simulator.branch import Branch, Plan
from simulator.other_users import Started, Users

REPOSITORY = Path(__file__).parents[2]
LIMIT_S = 20
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(other_users.why_not()), reason=other_users.why_not()),
]

NOBODY_LISTENS = """[mqtt]
host = "127.0.0.1"
port = 9
tls = false"""
ASK = """
import json, sys
from pathlib import Path
from controller.ipc.client import NoAnswer, ask
from controller.ipc.messages import Request
path, uid, *commands = sys.argv[1:]
def asked(command):
    while True:
        try:
            return ask(Path(path), Request(command), server_uids=frozenset({int(uid)})).reason
        except NoAnswer:  # of those who may do nothing only so many are heard at once
            pass
print(json.dumps({command: asked(command) for command in commands}))
"""
"""What a service says to each command, asked without what the command needs."""
MAKE_A_BACKUP = """
import sys
from controller.commands.main import main
main(["backup", "make", "--config", sys.argv[1]])
"""


def test_the_page_is_made_from_the_list() -> None:
    assert (REPOSITORY / "docs" / "rights.md").read_text() == rights.page()


@dataclass
class Installed:
    """A branch whose services run as their users."""

    branch: Branch
    users: Users
    services: dict[str, Started]

    def as_installed(self, path: Path) -> str:
        """Where a file of this branch lies on a Pi."""
        paths = self.branch.paths
        for ours, installed in (
            (paths.secrets, f"{rights.ETC}/secrets"),
            (paths.state, rights.LIB),
            (paths.run, rights.RUN),
            (self.branch.layout.folder, rights.ETC),
        ):
            if path.is_relative_to(ours):
                return f"{installed}/{path.relative_to(ours)}"
        raise AssertionError(path)

    def files(self) -> list[Path]:
        paths = self.branch.paths
        found = [self.branch.layout.config]
        for folder in (paths.secrets, paths.state, *(paths.run / service for service in SERVICES)):
            found += [path for path in folder.rglob("*") if path.is_file()]
        return found

    def said(self) -> str:
        return "".join(service.log.read_text() for service in self.services.values())


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    """Unbounded core dumps are allowed here, so that it is the services themselves that leave none."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    temporary = tempfile.tempdir
    root = Path(tempfile.mkdtemp(prefix="unlocked-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        stack.callback(setattr, tempfile, "tempdir", temporary)
        stack.callback(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        (root / "run").mkdir()
        tempfile.tempdir = str(root / "run")
        users, folder = Users(root), root / "branch"
        users.make_folders(
            {"/var/lib/unlocked": folder / "state", "/etc/unlocked": folder, "/run": root / "run"}
        )
        for path in (root, folder, root / "run"):
            path.chmod(0o755)
        branch = stack.enter_context(
            Branch(folder, Plan(broker=None, camera=True, pages=True, rules="[pin]\noffline = true"))
        )
        branch.paths.run.chmod(0o755)
        config = branch.layout.config
        stick, backup = root / "stick", users.of("backup")
        stick.mkdir(mode=0o700)
        os.chown(stick, backup.uid, backup.gid)
        table = f'\n[backup]\nrecipients = ["{age_file.new_identity()[1]}"]\nfolder = "{stick}"\n'
        config.write_text(config.read_text().replace("[mqtt]\nenabled = false", NOBODY_LISTENS) + table)
        # As an administrator's command does it: root, in the folder of a service.
        open_owner(branch.paths.registers, "registers").dispose()
        branch.panel.path.chmod(0o666)
        settings = load(branch.layout.config)
        secrets = {
            service: {
                name: branch.paths.secrets / name
                for name in (*credentials.needed(settings)[service], *credentials.wanted(service))
            }
            for service in SERVICES
        }
        services = {}
        for service in SERVICES:
            services[service] = stack.enter_context(
                Started(
                    users,
                    service,
                    branch.layout.config,
                    branch.paths.run,
                    secrets[service],
                    branch.panel.environment,
                    root / f"{service}.log",
                )
            )
        users.says("backup", MAKE_A_BACKUP, str(config))
        yield Installed(branch, users, services)


def test_no_service_runs_as_root_or_can_become_it(installed: Installed) -> None:
    for name, service in installed.services.items():
        status = Path(f"/proc/{service.process.pid}/status").read_text()
        said = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert set(said["Uid"].split()) == {str(installed.users.of(name).uid)} != {"0"}
        assert set(said["Gid"].split()) == {str(installed.users.group)}
        assert {int(said[key], 16) for key in ("CapEff", "CapPrm", "CapBnd", "CapAmb", "CapInh")} == {0}
        assert said["NoNewPrivs"] == "1"


def test_each_file_is_read_and_written_by_those_that_the_page_says(installed: Installed) -> None:
    wrong, seen = [], set()
    files = {path: rights.right_of(installed.as_installed(path)) for path in installed.files()}
    assert [path for path, right in files.items() if right is None] == []
    for who in WHO[1:]:
        for path, tried in installed.users.tried(who, files).items():
            right = files[path]
            assert right is not None
            seen.add(right.pattern)
            # A part of a film that has meanwhile become a film was tried by nobody.
            if tried != (right.reads(who), right.writes(who)) and path.exists():
                wrong.append((who, installed.as_installed(path), tried))
    assert wrong == []
    never_here = {
        "exports",
        "encoding.lock",
        "notice.json",
        "run/unlocked/console/footage",
        "footage-disk",
        "positions",
        "backup/*",
    }
    unseen = {right.pattern for right in rights.RIGHTS} - seen
    assert unseen == {pattern for pattern in unseen if any(name in pattern for name in never_here)}, unseen


def test_nobody_but_its_service_writes_in_a_folder(installed: Installed) -> None:
    paths = installed.branch.paths
    folders = {
        path: path.relative_to(paths.state).parts[0] for path in paths.state.rglob("*") if path.is_dir()
    }
    folders |= {paths.run / service: service for service in SERVICES}
    for who in WHO[1:]:
        tried = installed.users.tried(who, folders)
        owned = {
            path for path, service in folders.items() if who == {"footage": "recorder"}.get(service, service)
        }
        assert {path for path, (_, made) in tried.items() if made} == owned
        if who == OTHERS:
            assert not any(entered for entered, _ in tried.values())


def test_only_the_group_may_connect(installed: Installed) -> None:
    sockets = [installed.branch.paths.socket(service) for service in rights.SOCKETS]
    assert all(path.is_socket() for path in sockets)
    for who in WHO[1:]:
        connects = installed.users.tried(who, sockets)
        assert {connected for connected, _ in connects.values()} == {who != OTHERS}


def commands_of(service: str) -> dict[str, set[str]]:
    """Each command with the services that may give it, as the code says."""
    if service == "door":
        from_pages = {command.value for command in door_commands.FROM_PAGES}
        return {
            command.value: {"door", "console"} if command.value in from_pages else {"door"}
            for command in door_commands.Command
        }
    said = {command.value: {"membership", "console"} for command in membership_commands.Command}
    return said | {"look-up": {"membership", "door"}, "verify-pin": {"membership", "door"}}


@pytest.mark.parametrize("service", rights.SOCKETS)
def test_a_command_is_obeyed_by_the_user_of_whoever_gives_it(installed: Installed, service: str) -> None:
    permitted = commands_of(service)
    for who in (*SERVICES, LOGINS):
        said = installed.users.says(
            who,
            ASK,
            str(installed.branch.paths.socket(service)),
            str(installed.users.of(service).uid),
            *permitted,
        )
        refused = {command for command, reason in json.loads(said).items() if reason == "not_permitted"}
        assert refused == {command for command, users in permitted.items() if who not in users}, who


def test_no_secret_is_in_an_argument_the_environment_a_log_or_a_file(installed: Installed) -> None:
    secrets = {file.name: file.read_text().strip() for file in installed.branch.paths.secrets.iterdir()}
    del secrets["authority-public-key"]
    traces = [trace for text in secrets.values() for trace in forms(text)]
    assert len(traces) > len(secrets)
    places = {
        str(file): file.read_bytes()
        for file in installed.files()
        if file.parent != installed.branch.paths.secrets
    }
    places["the log"] = installed.said().encode()
    for name, service in installed.services.items():
        for of_process in ("cmdline", "environ"):
            places[f"{of_process} of {name}"] = Path(f"/proc/{service.process.pid}/{of_process}").read_bytes()
    assert [place for place, content in places.items() if any(trace in content for trace in traces)] == []


def forms(text: str) -> set[bytes]:
    """A secret as it is, and as bytes and Base64 of them, whichever of them it may be."""
    found = {line.encode() for line in text.splitlines()[-1:]}
    with contextlib.suppress(ValueError):
        raw = bytes.fromhex(text)
        found |= {raw, base64.b64encode(raw)}
    return {trace for trace in found if len(trace) >= 8}


def test_nobody_looks_into_a_services_memory_or_its_credentials(installed: Installed) -> None:
    files = {
        file: name
        for name, service in installed.services.items()
        for file in (
            *(installed.branch.paths.run / "credentials" / name).iterdir(),
            *(Path(f"/proc/{service.process.pid}/{of_process}") for of_process in ("environ", "mem", "maps")),
        )
    }
    for who in WHO[1:]:
        read = {file for file, (read, _) in installed.users.tried(who, files).items() if read}
        # Its own credentials, and not even its own user's processes.
        assert read == {file for file, name in files.items() if name == who and file.parts[1] != "proc"}


def test_a_service_that_crashes_leaves_no_core_dump(installed: Installed) -> None:
    for service in installed.services.values():
        service.process.send_signal(signal.SIGSEGV)
        assert service.process.wait(LIMIT_S) == -signal.SIGSEGV
    assert list(installed.users.root.rglob("core*")) == []


def test_devices_are_those_that_the_units_allow() -> None:
    for service in SERVICES:
        unit = (other_users.UNITS / f"unlocked-{service}.service").read_text()
        devices, groups = rights.DEVICES.get(service, ((), ()))
        assert re.findall(r"^DeviceAllow=(\S+) rw$", unit, re.MULTILINE) == list(devices)
        assert " ".join(groups) == " ".join(re.findall(r"^SupplementaryGroups=(.*)$", unit, re.MULTILINE))
        assert ("PrivateDevices=yes\n" in unit) is not bool(devices)
