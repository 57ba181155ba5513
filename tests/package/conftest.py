"""The package, built and tried on a machine with systemd: ``make test-package``, not ``make test``."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.package import container, image, packages, qemu
from tests.package.branch import Branch
from tests.package.machine import Machine

ASKED = os.environ.get("UNLOCKED_PACKAGE", "")
"""What the machine is: "container", "qemu", or "1" for whichever can be had."""
RELEASE = os.environ.get("UNLOCKED_RELEASE", "bookworm")
CACHE = Path(os.environ.get("UNLOCKED_MACHINES", packages.REPOSITORY / "build" / "machines"))
FIRST, SECOND, BROKEN_DOOR, BROKEN_RECORDER = "0.1.0", "0.1.1", "0.1.2", "0.1.3"

FIGURES: list[str] = []
KIND = ASKED if ASKED in ("container", "qemu") else "qemu" if qemu.has_kvm() else "container"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Nothing of this folder where it was not asked for; a word where it cannot be done."""
    ours = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    if not ASKED:
        items[:] = [item for item in items if item not in ours]
        config.hook.pytest_deselected(items=ours)
        return
    lacking = image.missing(*(container if KIND == "container" else qemu).NEEDED)
    if lacking:
        pytest.exit(f"these are needed and not installed: {', '.join(lacking)}", 1)
    if KIND == "container" and os.geteuid() != 0:
        pytest.exit("a container wants root; where the processor has KVM, UNLOCKED_PACKAGE=qemu does not", 1)


@pytest.fixture(scope="session")
def package() -> Path:
    """As it is shipped; UNLOCKED_DEB: one that is built already."""
    if built := os.environ.get("UNLOCKED_DEB"):
        return Path(built)
    folder = CACHE / "packages"
    shutil.rmtree(folder, ignore_errors=True)
    return packages.built(folder, FIRST, RELEASE, Path(sys.executable))


@pytest.fixture(scope="session")
def make(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Another version of it, with changes; in a container it has the simulator beside it."""
    tree = packages.unpacked(package, tmp_path_factory.mktemp("unpacked"), simulator=KIND == "container")

    def made(version: str, *changes: packages.Change) -> Path:
        return packages.variant(tree, tmp_path_factory.mktemp("package"), version, *changes)

    return made


@pytest.fixture(scope="session")
def first(make: Callable[..., Path]) -> Path:
    return make(FIRST)


Machines = Callable[[image.Image], Machine]


@pytest.fixture(scope="session")
def bare(package: Path) -> image.Image:
    """Debian with what the package depends on."""
    depends = packages.depends(package)
    return image.root(CACHE, RELEASE, depends) if KIND == "container" else image.disk(CACHE, RELEASE, depends)


@pytest.fixture(scope="session")
def new_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[image.Image], Machine]]:
    """A machine that is on, until the end of the tests."""
    with ExitStack() as machines:

        def made(start_from: image.Image) -> Machine:
            folder = tmp_path_factory.mktemp("machine")
            machine: Machine
            if isinstance(start_from, image.Root):
                machine = container.Container(start_from, folder)
            else:
                machine = qemu.Qemu(start_from, folder)
            return machines.enter_context(machine)

        yield made


@pytest.fixture(scope="session")
def set_up(
    bare: image.Image, new_machine: Machines, first: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[image.Image, str]:
    """A branch that was installed and set up, switched off, to start others from; and what setup said."""
    branch = Branch(new_machine(bare))
    branch.install(first)
    said = branch.set_up(tmp_path_factory.mktemp("setup"))
    branch.wire()
    branch.start()
    branch.machine.switch_off()
    return branch.machine.frozen(), said


@pytest.fixture(scope="module")
def branch(set_up: tuple[image.Image, str], new_machine: Machines) -> Branch:
    """A machine of the module's own, booted, with the services running."""
    branch = Branch(new_machine(set_up[0]))
    branch.wait_until_running()
    return branch


@pytest.fixture(scope="session")
def told() -> Callable[[str], None]:
    """Takes figures, for the end of the report."""
    return FIGURES.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures."""
    for line in FIGURES:
        terminalreporter.write_line(line)
