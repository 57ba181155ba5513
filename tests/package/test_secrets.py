"""Secrets on a machine with systemd: encrypted, handed to their services alone, and to be seen nowhere."""

from __future__ import annotations

import pytest

from tests.package.branch import SERVICES, Branch
from tests.package.machine import Failed, wait_until

FOLDER = "/etc/unlocked/secrets"
MACHINE_KEY = "/var/lib/systemd/credential.secret"


@pytest.fixture(scope="module")
def secrets(branch: Branch) -> dict[str, str]:
    """Each by its name, as it was in plain."""
    names = branch.machine.run(f"ls {FOLDER}").split()
    return {name: branch.machine.run(f"cat {FOLDER}/{name}").strip() for name in names if ".cred" not in name}


@pytest.fixture(scope="module")
def encrypted(branch: Branch, secrets: dict[str, str]) -> Branch:
    assert secrets
    branch.machine.run("unlocked secrets encrypt")
    branch.start()
    return branch


def test_an_encrypted_branch_opens_its_door_as_before(encrypted: Branch, secrets: dict[str, str]) -> None:
    left = encrypted.machine.run(f"find {FOLDER} -type f -printf '%f %m\\n'").split("\n")
    assert sorted(left) == sorted(["", *(f"{name}.cred 600" for name in secrets)])
    assert [swipe for swipe in encrypted.swipes(5) if swipe.after_ms is None] == []
    assert " encrypted" in encrypted.machine.run("unlocked secrets list")


def test_no_secret_is_in_an_argument_an_environment_or_the_log(
    encrypted: Branch, secrets: dict[str, str]
) -> None:
    seen = encrypted.machine.run(
        "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ; journalctl -o export -b"
    ) + "".join(encrypted.machine.run(f"systemctl show unlocked-{service}") for service in SERVICES)
    for name, text in secrets.items():
        if name != "authority-public-key":
            assert text not in seen, name


def test_a_service_has_its_own_secrets_alone(encrypted: Branch) -> None:
    for service in SERVICES:
        folder = f"/run/credentials/unlocked-{service}.service"
        as_it = f"setpriv --reuid=unlocked-{service} --regid=unlocked --clear-groups --no-new-privs"
        assert encrypted.machine.run(f"{as_it} ls {folder}").split()
        for other in SERVICES:
            if other != service:
                with pytest.raises(Failed):
                    encrypted.machine.run(f"{as_it} ls /run/credentials/unlocked-{other}.service")
        with pytest.raises(Failed):
            encrypted.machine.run(f"{as_it} ls {FOLDER}")


def test_a_service_that_crashes_leaves_no_core_dump(encrypted: Branch) -> None:
    before = encrypted.property("door", "MainPID")
    encrypted.machine.run(f"kill -SEGV {before}")
    wait_until(lambda: encrypted.property("door", "MainPID") not in ("0", before), "the door is back", 60)
    encrypted.wait_until_running()
    assert (
        encrypted.machine.run(
            "find /tmp /run/unlocked /var/lib/unlocked /var/lib/systemd -type f -name 'core*'"
        )
        == ""
    )


def test_without_the_machines_key_nothing_is_decrypted_and_with_it_the_branch_is_back(
    encrypted: Branch,
) -> None:
    """As on another machine. The lock stays secured; systemd goes on trying."""
    machine = encrypted.machine
    machine.run(f"mv {MACHINE_KEY} /srv/key && systemctl restart --no-block unlocked-door.service")
    wait_until(lambda: encrypted.property("door", "ExecMainStatus") == "243", "the door has no secrets", 60)
    with pytest.raises(Failed, match="cannot be decrypted"):
        machine.run("unlocked explain --at 12:00", told=b"20000000001\n")
    machine.run(f"mv /srv/key {MACHINE_KEY}")
    encrypted.wait_until_running()
    assert [swipe for swipe in encrypted.swipes(3) if swipe.after_ms is None] == []
