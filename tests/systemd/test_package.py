"""What is in the Debian package, as far as it is told without building it: tests/package installs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from controller.commands.main import NOUNS

REPOSITORY = Path(__file__).parents[2]
DEBIAN = REPOSITORY / "systemd" / "debian"
sys.path.insert(0, str(DEBIAN))

import build  # noqa: E402
import environment  # noqa: E402
import files  # noqa: E402
import manual  # noqa: E402

PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def test_what_is_packaged_is_locked_to_the_versions_that_are_tested() -> None:
    packaged = set(PINNED.findall((DEBIAN / "requirements.txt").read_text()))
    tested = set(PINNED.findall((REPOSITORY / "requirements-dev.txt").read_text()))
    assert {name for name, _ in packaged - tested} == {"lgpio"}
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in ("gpio", "osdp", "sso"):
        wanted += project["optional-dependencies"][extra]
    names = {re.split(r"[^a-z0-9-]", wish.lower())[0] for wish in wanted}
    assert names <= {name for name, _ in packaged}, "make lock"


@pytest.mark.parametrize("release", environment.RELEASES)
def test_wheels_are_chosen_for_the_python_of_the_target(release: str) -> None:
    debian = environment.RELEASES[release]
    lines = environment.requirements(debian, "arm64").splitlines()
    names = [line.partition("==")[0] for line in lines]
    assert ("lgpio" in names) == (debian.python == "3.11")
    assert names.count("numpy") == 1
    assert "colorama" not in names, "that is for Windows"
    assert all("--hash=sha256:" in line for line in lines)


@pytest.mark.parametrize("release", environment.RELEASES)
def test_the_same_files_make_the_same_package(release: str, tmp_path: Path) -> None:
    made = []
    for number, mode in enumerate((0o600, 0o664)):
        root = tmp_path / f"{number}" / "root"
        files.placed(DEBIAN / "launcher", root / "opt/unlocked/bin/unlocked", 0o700 + number)
        files.placed(DEBIAN / "copyright", root / "usr/share/doc/unlocked/copyright", mode)
        build.control(root, environment.RELEASES[release], "arm64", "1.2")
        files.settled(root, 1_700_000_000)
        deb = tmp_path / f"{number}.deb"
        build.pack(root, deb, 1_700_000_000)
        made.append(deb)
    assert made[0].read_bytes() == made[1].read_bytes()
    told = files.said("dpkg-deb", "--field", made[0])
    debian = environment.RELEASES[release]
    assert f"Version: 1.2~deb{debian.number}\n" in told
    assert "Architecture: arm64\n" in told
    assert f"Depends: python{debian.python}," in told
    assert ("python3-lgpio" in told) == (release == "trixie")
    assert "@" not in told.replace("root@localhost", "")
    listed = files.said("dpkg-deb", "--contents", made[0])
    assert "-rwxr-xr-x root/root" in listed
    assert "-rw-r--r-- root/root" in listed


def test_a_program_among_the_files_stays_one(tmp_path: Path) -> None:
    files.copied(REPOSITORY, "config", tmp_path)
    runs = {file.name for file in tmp_path.rglob("*") if file.is_file() and os.access(file, os.X_OK)}
    assert runs == {"mqtt-ca"}


def test_the_manual_has_every_command() -> None:
    page = manual.man("1.2", manual.datetime(2026, 11, 22, tzinfo=manual.UTC))
    for noun in NOUNS:
        assert f"\n\\fB{noun}\\fR\n" in page
    assert "\n\\fBdoor make\\-safe\\fR\n" in page
    assert not re.search(r"^\.(?!(TH|SH|TP|RS|RE|B)\b)", page, re.MULTILINE)


@pytest.mark.parametrize("script", ["launcher", "switch", "postinst", "prerm", "postrm"])
def test_the_scripts_are_plain_shell(script: str) -> None:
    subprocess.run(["sh", "-n", DEBIAN / script], check=True)
    assert (DEBIAN / script).read_text().startswith("#!/bin/sh\n")


def test_purging_destroys_nothing_of_people_unless_somebody_says_so() -> None:
    assert "Type: boolean\nDefault: false\n" in (DEBIAN / "templates").read_text()
    script = (DEBIAN / "postrm").read_text()
    assert script.index("destroy=false") < script.index('if [ "$destroy" = true ]')
    assert script.count("rm -rf /etc/unlocked /var/lib/unlocked") == 1
