"""Builds the Debian package, and the tree that ``make install`` copies: ``make deb``.

The same commit gives the same bytes, on whatever machine: wheels by their hashes, times from git, nothing
compiled. So a package for a Raspberry Pi can be built on a PC. Never here: what is done where it is installed
(``switch``, ``postinst``).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import sys
from email.utils import formatdate
from pathlib import Path

from environment import MACHINES, RELEASES, Debian, environment, libraries, wheel
from files import Failed, call, compressed, copied, digest, placed, said, settled

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
PACKAGE = Path("opt/unlocked/package")

CHANGELOG = """unlocked ({version}) stable; urgency=medium

  * See CHANGELOG.md.

 -- The maintainers of Libraries Unlocked <root@localhost>  {when}
"""


def main() -> None:
    arguments = parsed()
    try:
        made = build(arguments)
    except Failed as error:
        sys.exit(f"build: {error}")
    print(made.relative_to(Path.cwd()) if made.is_relative_to(Path.cwd()) else made)  # noqa: T201 -- for scripts


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--arch", choices=MACHINES, default=said("dpkg", "--print-architecture"))
    parser.add_argument("--release", choices=RELEASES, default=this_release())
    parser.add_argument("--version", default="", help="instead of the one that git and pyproject.toml say")
    parser.add_argument("--source", type=Path, default=REPOSITORY, help="the checkout that is packaged")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build")
    parser.add_argument("--tree", action="store_true", help="only the files, in a folder, for make install")
    return parser.parse_args()


def this_release() -> str:
    system = Path("/etc/os-release").read_text(encoding="utf-8")
    found = re.search(r"^VERSION_CODENAME=(\w+)$", system, re.MULTILINE)
    return found[1] if found and found[1] in RELEASES else "bookworm"


def build(asked: argparse.Namespace) -> Path:
    debian = RELEASES[asked.release]
    source = asked.source.resolve()
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or said("git", "-C", source, "log", "-1", "--format=%ct"))
    version = asked.version or version_of(source)
    name = f"unlocked_{version}~deb{debian.number}_{asked.arch}"
    work = asked.out.resolve() / name
    shutil.rmtree(work, ignore_errors=True)
    root = work / "root"
    tree = root / PACKAGE
    tree.mkdir(parents=True)

    ours = wheel(source, work, version, epoch)
    environment(tree, debian, asked.arch, ours, libraries(debian, asked.arch, asked.out.resolve()))
    copied(source, "systemd", tree / "systemd", without="debian/")
    copied(source, "config", tree / "share/unlocked")
    programs(root, source)
    papers(root, source, version, epoch)
    release = f"{version}-{digest(tree)[:8]}"
    (tree / "RELEASE").write_text(f"{release}\n", encoding="utf-8")
    if asked.tree:
        return root
    control(root, debian, asked.arch, version)
    settled(root, epoch)
    deb = asked.out.resolve() / f"{name}.deb"
    pack(root, deb, epoch)
    shutil.rmtree(work)
    return deb


def pack(root: Path, deb: Path, epoch: int) -> None:
    # One thread, so that the bytes do not depend on the number of cores.
    packing = ("dpkg-deb", "--root-owner-group", "-Zzstd", "-z6", "--threads-max=1", "--build")
    call(*packing, root, deb, epoch=epoch)


def version_of(source: Path) -> str:
    """What pyproject.toml says, if this commit is tagged so; else the commit's time and name behind it."""
    text = (source / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise Failed(f"{source}/pyproject.toml says no version")
    if f"v{found[1]}" in said("git", "-C", source, "tag", "--points-at", "HEAD").split():
        return found[1]
    commit = said("git", "-C", source, "log", "-1", "--date=format-local:%Y%m%d%H%M%S", "--format=%cd.%h")
    return f"{found[1]}+{commit}"


def programs(root: Path, source: Path) -> None:
    here = source / "systemd/debian"
    placed(here / "launcher", root / "opt/unlocked/bin/unlocked", 0o755)
    placed(here / "switch", root / "opt/unlocked/bin/switch", 0o755)
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/unlocked").symlink_to("/opt/unlocked/bin/unlocked")


def papers(root: Path, source: Path, version: str, epoch: int) -> None:
    """Documentation, man page, completion of the shell."""
    doc = root / "usr/share/doc/unlocked"
    copied(source, "docs", doc / "docs")
    for file in ("README.md", "CHANGELOG.md", "ARCHITECTURE.md"):
        placed(source / file, doc / file)
    placed(source / "systemd/debian/copyright", doc / "copyright")
    compressed(doc / "changelog.gz", CHANGELOG.format(version=version, when=formatdate(epoch)))
    written = said(sys.executable, HERE / "manual.py", "man", version, f"{epoch}", cwd=source)
    compressed(root / "usr/share/man/man8/unlocked.8.gz", written)
    completion = root / "usr/share/bash-completion/completions/unlocked"
    completion.parent.mkdir(parents=True)
    completion.write_text(
        said(sys.executable, HERE / "manual.py", "completion", cwd=source), encoding="utf-8"
    )


def control(root: Path, debian: Debian, arch: str, version: str) -> None:
    folder = root / "DEBIAN"
    folder.mkdir()
    for script in ("postinst", "prerm", "postrm"):
        placed(HERE / script, folder / script, 0o755)
    placed(HERE / "templates", folder / "templates")
    files = [file for file in sorted(root.rglob("*")) if file.is_file() and not file.is_symlink()]
    files = [file for file in files if not file.is_relative_to(folder)]
    sums = [f"{hashlib.md5(file.read_bytes()).hexdigest()}  {file.relative_to(root)}\n" for file in files]  # noqa: S324 -- dpkg's format
    (folder / "md5sums").write_text("".join(sums), encoding="utf-8")
    text = (HERE / "control").read_text(encoding="utf-8")
    # And what the wheels did not bring.
    depends = f"python{debian.python}, libc6 (>= 2.{debian.glibc}), libstdc++6, zlib1g"
    if debian.number > 12:
        depends += ", python3-lgpio"
    for key, value in {
        "VERSION": f"{version}~deb{debian.number}",
        "ARCH": arch,
        "PYTHON": depends,
        "SIZE": str(sum(file.stat().st_size for file in files) // 1024),
    }.items():
        text = text.replace(f"@{key}@", value)
    (folder / "control").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
