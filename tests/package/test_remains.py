"""No secret and no card number where it does not belong; what ends badly leaves nothing behind."""

from __future__ import annotations

import time

import pytest

from tests.package.branch import MEMBERS, PASSWORD, SERVICES, Branch

FOLDERS = "/etc /opt/unlocked/releases/*/systemd /root /run /srv /tmp /usr/lib/systemd /var"
"""Where something might have been left; the folder of secrets is theirs."""


@pytest.fixture(scope="module")
def played(branch: Branch) -> Branch:
    """Somebody swiped, a stranger too, and the door has ended as badly as it can."""
    branch.swipes(6)
    branch.machine.run("unlocked door status; unlocked doctor || true", limit_s=300)
    before = branch.property("door", "MainPID")
    branch.machine.run(f"kill -SEGV {before}")
    branch.wait_until_running()
    assert branch.property("door", "MainPID") != before
    return branch


@pytest.fixture(scope="module")
def patterns(played: Branch) -> str:
    """A file in the machine with every secret and every card number, a line each."""
    made = "/run/patterns"
    cards = "\n".join([PASSWORD, *(member.card for member in MEMBERS)])
    played.machine.write(made, f"{cards}\n", "600")
    # Words of a key's own file that say nothing, such as its comment, are no secret.
    played.machine.run(
        f"cat /etc/unlocked/secrets/* | tr ' +' '\\n\\n' | grep -xE '[A-Za-z0-9/=]{{24,}}' >> {made}; "
        # What is public is no secret either.
        f"grep -vFxf /etc/unlocked/secrets/authority-public-key {made} > {made}.kept; mv {made}.kept {made}"
    )
    assert int(played.machine.run(f"wc -l < {made}")) > len(MEMBERS) + len(SERVICES)
    return made


def test_no_secret_is_in_a_command_line_or_an_environment(played: Branch, patterns: str) -> None:
    said = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'"
    assert played.machine.run(f"{said} | grep -aFf {patterns} || true") == ""


def test_no_secret_is_in_the_log(played: Branch, patterns: str) -> None:
    assert "unlocked-door" in played.machine.run("journalctl --no-pager -o verbose -n 5000")
    assert played.machine.run(f"journalctl --no-pager -o verbose | grep -aFf {patterns} || true") == ""


def test_no_secret_is_in_a_file_but_its_own(played: Branch, patterns: str) -> None:
    found = played.machine.run(
        f"grep -rlaFf {patterns} {FOLDERS} --exclude-dir=credentials --exclude={patterns.rpartition('/')[2]} "
        "2>/dev/null || true",
        limit_s=300,
    )
    assert [file for file in found.split() if not file.startswith("/etc/unlocked/secrets/")] == []


def test_a_service_that_ends_badly_leaves_no_core(played: Branch) -> None:
    found = played.machine.run(
        "find / -xdev -newer /run/wires/swipes.sock \\( -name 'core' -o -name 'core.*' \\) -type f"
    )
    assert found == ""
    for service in SERVICES:
        limits = played.machine.run(f"cat /proc/{played.property(service, 'MainPID')}/limits")
        (core,) = [line.split() for line in limits.splitlines() if line.startswith("Max core")]
        assert core[4:6] == ["0", "0"]


def test_a_service_that_hangs_is_ended_and_leaves_no_core(played: Branch) -> None:
    pid = played.property("door", "MainPID")
    played.machine.run(f"kill -STOP {pid}")
    until = time.monotonic() + 60
    while played.property("door", "MainPID") in (pid, "0") and time.monotonic() < until:
        time.sleep(0.5)
    assert played.property("door", "MainPID") != pid
    played.wait_until_running()
