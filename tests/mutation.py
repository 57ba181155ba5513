"""A pytest plugin for mutmut: which tests a function is covered by that runs while its module is imported.

mutmut notes what each test calls, and runs those tests for a mutant. The tables of ``controller.core`` are
built when their modules are imported, before any test; what builds them counts as called by every test of
its module. Loaded by ``make mutation`` alone.
"""

from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import settings
from mutmut.state import state


class AtImport:
    """called: names of functions as mutmut writes them, such as ``controller.core.door.x__row``."""

    def __init__(self) -> None:
        self.called: frozenset[str] = frozenset()

    def pytest_collection_finish(self) -> None:
        self.called = frozenset(state()._stats)
        state()._stats.clear()

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        module = item.path.stem.removeprefix("test_")
        state()._stats.update(name for name in self.called if module_of(name) == module)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A mutant that cannot be imported is noticed, and no misuse of pytest, which mutmut takes it for."""
        if report.failed:
            pytest.exit("a module of the tests cannot be imported", returncode=1)


def module_of(name: str) -> str:
    return PurePath(name.replace(".", "/")).parent.name


def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile("mutation", deadline=None)
    settings.load_profile("mutation")
    config.pluginmanager.register(AtImport())
