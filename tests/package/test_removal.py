"""Removing the package ends what runs, and keeps what people gave; so does purging it, unless told."""

from __future__ import annotations

import pytest

from tests.package.branch import Branch

KEPT = ("/etc/unlocked/branch.toml", "/etc/unlocked/secrets/site-key", "/var/lib/unlocked/door/journal.db")


@pytest.fixture(scope="module")
def removed(branch: Branch) -> Branch:
    branch.machine.run("systemctl disable --now wires.service && rm /etc/systemd/system/wires.service")
    branch.machine.run("DEBIAN_FRONTEND=noninteractive dpkg --remove unlocked", limit_s=300)
    return branch


def files(branch: Branch, *roots: str) -> list[str]:
    return branch.machine.run(f"find {' '.join(roots)} 2>/dev/null || true").split()


def test_removal_ends_what_runs(removed: Branch) -> None:
    assert removed.machine.run("ps -eo user:32=,args= | grep ^unlocked- || true") == ""
    ends = "--state=active,activating,failed"
    assert removed.machine.run(f"systemctl list-units --all --no-legend {ends} 'unlocked*'") == ""


def test_removal_leaves_no_program(removed: Branch) -> None:
    assert files(removed, "/opt/unlocked", "/usr/bin/unlocked", "/usr/lib/systemd/system/unlocked*") == []


def test_removal_keeps_settings_keys_and_journals(removed: Branch) -> None:
    assert set(KEPT) <= set(files(removed, "/etc/unlocked", "/var/lib/unlocked"))


def test_purge_without_an_answer_destroys_nothing_of_anybody(removed: Branch) -> None:
    removed.machine.run("DEBIAN_FRONTEND=noninteractive dpkg --purge unlocked")
    assert set(KEPT) <= set(files(removed, "/etc/unlocked", "/var/lib/unlocked"))
